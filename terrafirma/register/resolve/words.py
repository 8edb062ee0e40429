"""Words that carry little meaning in names, by language.

All words are in the folded form of `normalise.fold`: lower case, without accents.
"""


def split_words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


CONJUNCTIONS = split_words(
    """
    and et y e und en og och och ja i a ve va dan ug sy na ne agus ha hag ac a'r ta tas thiab ka
    и і й та жана және ба και հետ و او ve اور और आणि এবং ও અને ਅਤੇ மற்றும் మరియు ಮತ್ತು ഉം සහ และ និង நாடு
    እና და და ja un ir és es ed u oraz as
    """
)
"""Words for "and", left out of a key, so `&` and every language's word are the same."""

ARTICLES = split_words(
    "the el la le les los las l al il lo gli os as o a an der die das den det de het y yr"
)
"""Articles that may precede a name."""

ABBREVIATIONS = {
    "st": "saint",
    "ste": "saint",
    "is": "islands",
    "isl": "islands",
    "isls": "islands",
    "rep": "republic",
    "repub": "republic",
    "dem": "democratic",
    "fed": "federation",
    "emir": "emirates",
    "terr": "territory",
    "terrs": "territories",
    "ter": "territory",
    "equat": "equatorial",
    "eq": "equatorial",
    "antarc": "antarctic",
    "govt": "government",
    "utd": "united",
    "brit": "british",
}
"""Abbreviations that mean one word wherever they stand."""

INITIALS = {
    "n": "north",
    "no": "north",
    "nth": "north",
    "s": "south",
    "so": "south",
    "sth": "south",
    "w": "western",
    "e": "east",
    "c": "central",
    "br": "british",
    "u.k": "uk",
    "fr": "french",
    "am": "american",
    "dr": "democratic republic",
    "pr": "peoples republic",
    "st": "saint",
}
"""Abbreviations that mean a word only where a name begins with them."""

FORMS = split_words(
    """
    republic republics kingdom state states commonwealth principality duchy grand grandduchy sultanate
    emirate emirates federation federal federative federated confederation union democratic peoples
    people socialist islamic arab bolivarian plurinational cooperative co operative independent
    sovereign country nation territory territories island islands isle isles special administrative
    region sar government oriental hashemite
    republique royaume etat etats principaute duche federale federation democratique populaire
    socialiste islamique arabe cooperative independant union grand confederation territoire
    territoires ile iles
    republica reino estado estados principado ducado gran grao federal federativa federacion
    democratica popular socialista islamica arabe cooperativa independiente independente uniao
    territorio territorios isla islas ilha ilhas mancomunidad comunidade estat regne principat
    republika kralovstvi kralestwo krolestwo kralovstvo kraljevina kraljevstvo drzava ksiestwo
    wielkie knizectvi knjazestvo demokraticka demokratyczna demokratska ludowa lidova ludova
    socjalistyczna socialisticka socijalisticka islamska islamiczna islamska federacyjna federativni
    federativna federativnaja zwiazek ostrovy ostrov wyspy otoci otok otoki ostrva ostrvo
    republik konigreich koenigreich staat furstentum grossherzogtum herzogtum bundesrepublik
    demokratische volksrepublik sozialistische islamische arabische foderation foderative
    bundesstaat insel inseln freistaat eidgenossenschaft
    republiek koninkrijk vorstendom groothertogdom hertogdom democratische federale islamitische
    socialistische volksrepubliek eiland eilanden staatenbond
    repubblica regno stato principato granducato ducato federazione democratica popolare socialista
    isola isole cooperativa
    republikken kongeriget kongeriket kungariket kungadomet republiken furstendommet
    storhertugdommet storhertigdomet hertugdommet demokratiske demokratiska islamiske islamiska
    folkerepublikken folkrepubliken den det sosialistiske socialistiska forbundsrepublikken
    forbundsrepubliken oyene oarna lydveldid konungsrikid konungdomid kongsrikid
    tasavalta kuningaskunta liittotasavalta kansantasavalta ruhtinaskunta suurherttuakunta saaret
    vabariik kuningriik vurstiriik saared republica republikes karaliste karalyste jungtine
    respublika respublikasy patshalygy memleketi korolduk
    koztarsasag kiralysag hercegseg szovetsegi nagyhercegseg szigetek nepkoztarsasag
    cumhuriyeti kralligi devleti prensligi sultanligi emirligi federal halk islam demokratik federasyonu
    buyuk dukaligi adalari birlesik respublikasi kralligi
    republiqe republic republica regatul principatul statul insulele
    republike mbreteria shteti principata ishujt republika
    poblachd rioghachd stat eileanan poblacht riocht oileain gweriniaeth teyrnas gwladwriaeth ynysoedd
    republik rouantelezh inizi errepublika erresuma uharteak estatu
    jamhuri ufalme visiwa muungano shirikisho jamhuriyar jamhuriyada jamhuuriyadda
    riphabliki iriphabhulikhi rephaboliki
    republik kerajaan negara kepulauan persekutuan kesultanan demokratik rakyat
    republika ng kaharian estado mga pulo
    cong hoa vuong quoc lien bang quan dao
    respubliko regno stato princlando insuloj insularo
    republica respublica regnum
    республика рэспубліка республикасы республики республік республіка королевство каралеўства королівство
    княжество княства князівство государство дзяржава держава федерация федерация федэрацыя федерація
    федеративная федеративна демократическая демократична дэмакратычная народная народна
    социалистическая соціалістична исламская ісламська арабская союз острова острови астравы кралство
    држава република кралевина краљевина краљевство државата кнежевство великое велике
    герцогство герцогство султанат эмират емират содружество співдружність патшалыгы королдугу
    мемлекети ҳумхурии чумхурии чумхурияти республикаси улс
    δημοκρατια βασιλειο κρατος πριγκιπατο δουκατο μεγαλο λαικη σοσιαλιστικη ισλαμικη ομοσπονδια
    ομοσπονδιακη νησια ενωση
    جمهوريه مملكه دوله سلطنه اماره امارات العربيه الاسلاميه الديمقراطيه الشعبيه الاتحاديه
    الاشتراكيه جمهوری پادشاهی اسلامی کشور دولت دموکراتیک فدرال خلق مملکت جمهوریہ سلطنت جزر جزاير
    רפובליקה רפובליקת ממלכת נסיכות מדינת הדמוקרטית העממית האסלאמית הפדרלית איי
    գանրապետություն հանրապետություն թագավորություն დemokratiuli რესპუბლიკა სამეფო კუნძულები
    गणराज्य गणतन्त्र गणतंत्र राज्य संघीय लोकतांत्रिक इस्लामी राज्य द्वीपसमूह द्वीप
    প্রজাতন্ত্র গণপ্রজাতন্ত্রী রাজ্য রাষ্ট্র ইসলামী দ্বীপপুঞ্জ
    dawlat jumhuriyat jumhuriyyat jumhuriyah mamlakat mamlakah saltanat imarat jomhuri eslami ye
    islamiyah arabiyah respublikasi jumhuriyasi patsaligi memleketi crown colony protectorate
    komanwel komonwel persemakmuran plurinacional plurinationale multinazionale vielvolkerstaat
    многонациональное многонациональная шматнацыянальная багатонаціональна патшалығы мемлекеті
    королдугу көпұлтты demokrata demokratia federalna federalni federativa federatif federala
    unia unio ittifoqi bashkimi samveldi myntbandalag sameinaða sjalfstaett sjalfstaeda
    commonwealths mancomunitat comunitat uniunea uniune szovetseg szovetsegi egyesult
    spolecenstvi wspolnota spoloocenstvo zajednica skupnost gemenebest samveldet samvaldet
    quoc thinh vuong bagimsiz bolgesi sziget wyspa ddemocrataidd
    குடியரசு சோசலிச ஜனநாயக மக்கள் இராச்சியம் தீவுகள் கூட்டாட்சி
    ଗଣତନ୍ତ୍ର ଗଣରାଜ୍ୟ ରାଜ୍ୟ ଦ୍ୱୀପପୁଞ୍ଜ প্ৰজাতন্ত্ৰ গণৰাজ্য ৰাজ্য দ্বীপ সাম্ৰাজ্য প্রজাতন্ত্রী
    ગણરાજ્ય પ્રજાસત્તાક રાજ્ય રિપબ્લિક રીપબ્લિક ઓફ ટાપુઓ प्रजासत्ताक रिपब्लिक ऑफ अधिराज्य साम्राज्य द्वीपे
    ਗਣਰਾਜ ਗਣਤੰਤਰ ਰਾਜ ਟਾਪੂ ਟਾਪੂਆਂ ਸਾਮਰਾਜ గణతంత్ర గణతంత్రం రిపబ్లిక్ ఆఫ్ రాజ్యం దీవులు ద్వీపాలు ಗಣರಾಜ್ಯ ರಿಪಬ್ಲಿಕ್ ಆಫ್
    ಸಾಮ್ರಾಜ್ಯ ದ್ವೀಪಗಳು റിപ്പബ്ലിക് റിപ്പബ്ലിക്ക് ഓഫ് രാജ്യം ദ്വീപുകൾ ജനാധിപത്യ ජනරජය රාජ්‍යය රාජධානිය දූපත්
    ສາທາລະນະລັດ ລາຊະອານາຈັກ ປະເທດ សាធារណរដ្ឋ ព្រះរាជាណាចក្រ រាជាណាចក្រ កោះ နိုင်ငံ သမ္မတ
    ҷумҳурии ҷумҳурияти подшоҳии республикаһы республики җөмһүрияте жумҳурияти корольлеге батшалығы
    جۇمھۇرىيىتى پادىشاھلىقى ئاراللىرى فېدېراتسىيەسى کۆماری شانشینی دوورگەکانی
    הרפובליקה הממלכה נסיכות של עממית הדמוקרטית
    cumhuriate cumhuriyate padisahligi comhuriate comhuriyate patsalige utrawlari
    republiche republike ream isulis republikang demokratikong kahariang pederal kapuluan sultanatong
    repubulika ubwami bu tagduda tagelda tegrit respublikum repubblica ripabliki komara
    """
)
"""Words for the form of a state: a long form without these is the short form. Exact names are
looked up first."""

LINKS = split_words(
    """
    of the de du des d del della dello dei di da do das dos la le les el los las l y e et and und i
    der die das dem den von van het een ya wa za la na o a an ar as ash at ath az y yr na nan ng mga cu i te
    و ال של का की के এর ของ ve
    """
)
"""Words that join a form to a name."""

JOINED_FORMS = split_words(
    """
    人民共和国 人民共和國 共和国 共和國 联邦 聯邦 连邦 連邦 王国 王國 公国 公國 大公国
    eilanden inseln saaret sziget szigetek
    နိုင်ငံ သမ္မတနိုင်ငံ 群岛 群島 诸岛 諸島 岛 島 공화국 왕국 연방 제도
    """
)
"""Forms of a state or place that are written without a space before them."""

JOINED_BEFORE = split_words(
    """
    สาธารณรัฐ ราชอาณาจักร สาธารณรัฐประชาธิปไตย สาธารณรัฐอิสลาม สาธารณรัฐแห่ง ราชอาณาจักรแห่ง
    หมู่เกาะ ประเทศ รัฐ ສາທາລະນະລັດ ປະເທດ ລາຊະອານາຈັກ សាធារណរដ្ឋ ព្រះរាជាណាចក្រ រាជាណាចក្រ ប្រទេស កោះ
    """
)
"""Forms that are written before a name without a space."""

INFLECTIONS = {
    "tasavalta liittotasavalta kuningaskunta ruhtinaskunta liitto": "n",
    "respublika karalyste sultonatas kunigaikstyste sajunga": "s os jos ios o io u iu es",
    "republika": "s as jas es u se ise es it ska ka cka ske",
    "karaliste valsts federacija savieniba sultanats": "s as jas es u",
    "errepublika erresuma": "ko eko go",
    "mbreteria bashkimi shteti principata federata": "se ise es it",
    "kralovstvi kralovstvo kraljevina kraljevstvo knizectvi knjazestvo krolestwo": "ske ska cke sko",
    "republiken republikken republikk": "ska iska ske iske",
    "kungariket kungadomet kongeriket kongeriget": "s",
    "республика рэспубліка република републіка республіка": "ская ска цкая цка",
    "კუნძულები რესპუბლიკა სამეფო": "ის ს",
    "հանրապետություն թագավորություն սուլթանություն": "ի այի",
    "koztarsasag kiralysag": "i",
}
"""Endings of names in another case, or as an adjective, beside forms of their language: "Zambijos
Respublika", "Maldivská republika"."""

CONTRASTED = split_words(
    """
    state estado etat estat stato staat statul stat
    democratic peoples people democratique populaire democratica popular demokratische volksrepublik
    democratische volksrepubliek popolare ludowa lidova demokratyczna demokraticka demokratska
    demokratik rakyat demokratiske demokratiska folkerepublikken folkrepubliken kansantasavalta
    nepkoztarsasag народная народна демократическая демократична дэмакратычная
    λαικη λαοκρατικη دموکراتیک الديمقراطيه الشعبيه dan
    islands island isle isles iles ile islas isla ilhas ilha isole isola inseln insel eilanden otoci otoki
    ostrovy острова острови territory territories territoire territorio states emirates estados etats
    united union union federated special administrative region sar
    """
)
"""Forms that distinguish records: leaving one out must not turn a name into another record's."""

ADJECTIVE_FORMS = split_words("republic kingdom confederation federation")
"""Forms that follow an adjective: "Tunisian Republic"."""

INCLUSIONS = split_words("incl inc including excl exc excluding except without")
"""Words that begin a remark on what a name covers: "Denmark (excl. Greenland)"."""

PARTS = split_words("state estado etat estat stato staat statul stat territory")
"""Forms that parts of a country have too: "State of Georgia"."""

PLACEHOLDERS = split_words(
    """
    na nil none null nan unknown unk other others othercountry othercountries various several mixed
    notavailable notapplicable notspecified unspecified nonspecified notknown notdisclosed undisclosed
    notstated undefined undetermined missing blank empty tbd tba tbc todo test select selectacountry
    selectcountry selectone pleaseselect choose chooseacountry country countries nation nations name
    countryname land pays pais paese state region area total totals subtotal sum all any anywhere
    everywhere nowhere worldwide global globally international multinational multiple multiplecountries
    overseas abroad foreign domestic local national stateless remote online internet home elsewhere
    restofworld restoftheworld row rest worldtotal grandtotal seenotes seenote note notes source
    default true false yes no error ref xx xxx zz zzz xyz abc foo bar unbekannt inconnu inconnue
    desconocido desconocida sconosciuto andere autre autres otro otros altri sonstige keine aucun
    ninguno nessuno неизвестно другое прочие 不明 其他 未知 その他 غيرمعروف
    """
)
"""Keys of placeholder cells."""

CODE_WORDS = split_words("no bar")
"""Codes in lower case that are words of a form instead."""

REMARKS = split_words(
    """
    former formerly ex now then until since before after incl including excl excluding except only
    mainland metropolitan main proper total all part parts other note the see mainly present today
    dependent dependency dependencies overseas crown colony protectorate mandate occupied
    disputed sovereign member fed rep dem sar zamorske uzemie
    """
)
"""Words that annotate a name without changing its record."""

DIRECTIONS = split_words(
    """
    north south east west northern southern eastern western central upper lower new old nord sud est
    ouest norte sur sul este oeste oost noord zuid west ost sued süd osten western equatorial
    british american french dutch us uk german spanish portuguese danish
    """
)
"""Words that distinguish two places: another such word is not a typing error."""

LOOKALIKES = split_words(
    """
    ruritania moldavania latveria mailand samos korinth oran cali peoria astoria tonka caledonia
    hibernia iberia siberia chechnya somaliland prussia sahara equator mars
    """
)
"""Keys of cities, regions and invented places as near to a country's name as a misspelling of it."""
