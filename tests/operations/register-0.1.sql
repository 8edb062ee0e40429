-- A register of the first version, 0.1 of 2026-11-22 (schema 0002), as its own code wrote it: the starter dataset, an
-- idempotent POST, patches, a record that was created and deleted, and a change as of a day of the past.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE entries (
	number BIGINT NOT NULL, 
	at VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	id BIGINT NOT NULL, 
	"before" TEXT, 
	"after" TEXT, 
	shape INTEGER NOT NULL, 
	payload_hash VARCHAR NOT NULL, 
	previous VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "entries" VALUES(1,'2026-11-28T20:51:32.938052Z','dataset:starter','load','country',1,NULL,'{"area":513120,"capital":"Bangkok","id":1,"name":"Thailand"}',1,'00009e3dded573e2545cb06928a8c956d236101e5e8ecc0a894a88643655e69f','0000000000000000000000000000000000000000000000000000000000000000','52f1bfd172c1c92a41bb3b64ed036533c8ada4fa34bc3e49bf1de9d6f59e81d3');
INSERT INTO "entries" VALUES(2,'2026-11-28T20:51:32.938052Z','dataset:starter','load','country',2,NULL,'{"area":7617930,"capital":"Canberra","id":2,"name":"Australia"}',1,'16bf649bc9683e641a54fe4606e6e647c4ead96ef0cca71bbd659d78e93e2cd4','52f1bfd172c1c92a41bb3b64ed036533c8ada4fa34bc3e49bf1de9d6f59e81d3','4e420e2a9d7d2e0e104b719df27413593f11323e4690f1df7b0da104a244dbe1');
INSERT INTO "entries" VALUES(3,'2026-11-28T20:51:32.938052Z','dataset:starter','load','country',3,NULL,'{"area":1010408,"capital":"Cairo","id":3,"name":"Egypt"}',1,'eb537d30ab9f18eec23301fd57dd8f2bff98f0576ae14ca408c914d7b314773e','4e420e2a9d7d2e0e104b719df27413593f11323e4690f1df7b0da104a244dbe1','653669ba7df920b89fc9bd1d0270756d4449adf28dbe1d9ec8a45616509bde60');
INSERT INTO "entries" VALUES(4,'2026-11-28T20:51:33.073877Z','local','create','country',4,NULL,'{"area":12345,"capital":"Mudville","id":4,"name":"Elbonia"}',1,'549a27a29d45307514ea6c182ef1898928112e29b3bab41848e66341736316a4','653669ba7df920b89fc9bd1d0270756d4449adf28dbe1d9ec8a45616509bde60','ba0406e4a0e5104b00dc50457412b4dec8eba02b5f5875a2e0ce492febf4a9de');
INSERT INTO "entries" VALUES(5,'2026-11-28T20:51:33.103011Z','local','patch','country',1,'{"area":513120,"capital":"Bangkok","id":1,"name":"Thailand"}','{"area":513121,"capital":"Bangkok","id":1,"name":"Thailand"}',1,'f373dc85ba72e324370a09e8c3fab1a634c6e103c89f84998988ba9a91f7cd6a','ba0406e4a0e5104b00dc50457412b4dec8eba02b5f5875a2e0ce492febf4a9de','6674f5ce0cd952cd55e2d6c7e1832ff42987a8159cd84b2b4e6616fe56262d61');
INSERT INTO "entries" VALUES(6,'2026-11-28T20:51:33.128760Z','local','patch','country',2,'{"area":7617930,"capital":"Canberra","id":2,"name":"Australia"}','{"area":7617930,"capital":"Sydney","id":2,"name":"Australia"}',1,'9707af18fc0d100243e2e7fcc408f74d25eeaa2faa589b984990faefe7658aa4','6674f5ce0cd952cd55e2d6c7e1832ff42987a8159cd84b2b4e6616fe56262d61','ef45d3da5d7884d1bda212bce5ac7da64f615c3c55b571c394fc2db1e414cb27');
INSERT INTO "entries" VALUES(7,'2026-11-28T20:51:33.141868Z','local','create','country',5,NULL,'{"area":7,"capital":"Poseidonis","id":5,"name":"Atlantis"}',1,'9f133ab2176fbca4cab73c38ded64f28c500df2ffab62f8d8f0121629705d08e','ef45d3da5d7884d1bda212bce5ac7da64f615c3c55b571c394fc2db1e414cb27','70c3250385bcfab36b7bd9dac8c673be5ec8e3d1a9d9a8d63dc0f1ce1cf4c1cc');
INSERT INTO "entries" VALUES(8,'2026-11-28T20:51:33.155406Z','local','delete','country',5,'{"area":7,"capital":"Poseidonis","id":5,"name":"Atlantis"}',NULL,1,'603f52e9afc3f5b813177a5c7a0cb7b627d9354d1d91a1c23012fa11c0c16709','70c3250385bcfab36b7bd9dac8c673be5ec8e3d1a9d9a8d63dc0f1ce1cf4c1cc','cd1ce260c2d0bea9344c50ec49be3abc44ed09829ce44521ccbebcf4d4a5440e');
INSERT INTO "entries" VALUES(9,'2026-11-28T20:51:33.170444Z','local','patch','country',3,'{"area":1010408,"capital":"Cairo","id":3,"name":"Egypt"}','{"area":1010408,"dated":{"capital":[{"to":"2020-01-01","value":"Cairo"},{"from":"2020-01-01","value":"Alexandria"}]},"id":3,"name":"Egypt"}',1,'61aea4bf2481bdb1ce0e392856e3bf7d9bc2c3f9478eaa4fa684212a542d67c4','cd1ce260c2d0bea9344c50ec49be3abc44ed09829ce44521ccbebcf4d4a5440e','6a3595da6a3bccfb49e8679621e9fb3f7c939006e38fdea20e9f300265eb2f59');
INSERT INTO "entries" VALUES(10,'2026-11-28T20:51:33.185025Z','local','replace','country',4,'{"area":12345,"capital":"Mudville","id":4,"name":"Elbonia"}','{"area":12346,"capital":"Upper Mudville","id":4,"name":"Elbonia"}',1,'a6731608c8962fbc729d044c55b60ed3ca5244beca68c27ec38b6c4e41b4e410','6a3595da6a3bccfb49e8679621e9fb3f7c939006e38fdea20e9f300265eb2f59','51c7a9dd0493fd3b5effa2092a8b4333619a8d7a375699c1200e672c3b43eb78');
CREATE TABLE head (
	lock INTEGER NOT NULL, 
	number BIGINT NOT NULL, 
	at VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	PRIMARY KEY (lock)
);
INSERT INTO "head" VALUES(1,10,'2026-11-28T20:51:33.185025Z','51c7a9dd0493fd3b5effa2092a8b4333619a8d7a375699c1200e672c3b43eb78');
CREATE TABLE idempotency (
	actor VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	request_hash VARCHAR NOT NULL, 
	status INTEGER NOT NULL, 
	headers TEXT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (actor, "key")
);
INSERT INTO "idempotency" VALUES('local','elbonia','2026-11-28T20:51:33.060615Z','e31cc7fe5c10d1b8c2c8aaba763daefd0a1772079d0688842fc027ac83a26c0b',201,'[["Content-Type","application/json"],["Content-Length","60"],["ETag","\"4-72c361a606b4b80a\""],["Location","/countries/4"]]','{"area":12345,"capital":"Mudville","id":4,"name":"Elbonia"}
');
CREATE TABLE keys (
	kind VARCHAR NOT NULL, 
	field VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	id BIGINT NOT NULL, 
	entry_from BIGINT NOT NULL, 
	valid_from VARCHAR NOT NULL, 
	entry_to BIGINT NOT NULL, 
	valid_to VARCHAR NOT NULL, 
	PRIMARY KEY (kind, field, "key", id, entry_from, valid_from)
);
INSERT INTO "keys" VALUES('country','name','thailand',1,1,'0001-01-01',5,'9999-12-31');
INSERT INTO "keys" VALUES('country','name','australia',2,2,'0001-01-01',6,'9999-12-31');
INSERT INTO "keys" VALUES('country','name','egypt',3,3,'0001-01-01',9,'9999-12-31');
INSERT INTO "keys" VALUES('country','name','elbonia',4,4,'0001-01-01',10,'9999-12-31');
INSERT INTO "keys" VALUES('country','name','thailand',1,5,'0001-01-01',9223372036854775807,'9999-12-31');
INSERT INTO "keys" VALUES('country','name','australia',2,6,'0001-01-01',9223372036854775807,'9999-12-31');
INSERT INTO "keys" VALUES('country','name','atlantis',5,7,'0001-01-01',8,'9999-12-31');
INSERT INTO "keys" VALUES('country','name','egypt',3,9,'0001-01-01',9223372036854775807,'9999-12-31');
INSERT INTO "keys" VALUES('country','name','elbonia',4,10,'0001-01-01',9223372036854775807,'9999-12-31');
CREATE TABLE origins (
	kind VARCHAR NOT NULL, 
	dataset_key VARCHAR NOT NULL, 
	id BIGINT NOT NULL, 
	dataset_version VARCHAR NOT NULL, 
	document TEXT NOT NULL, 
	PRIMARY KEY (kind, dataset_key)
);
INSERT INTO "origins" VALUES('country','Thailand',1,'2026.11.1','{"area":513120,"capital":"Bangkok","id":1,"name":"Thailand"}');
INSERT INTO "origins" VALUES('country','Australia',2,'2026.11.1','{"area":7617930,"capital":"Canberra","id":2,"name":"Australia"}');
INSERT INTO "origins" VALUES('country','Egypt',3,'2026.11.1','{"area":1010408,"capital":"Cairo","id":3,"name":"Egypt"}');
CREATE TABLE properties (
	name VARCHAR NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "properties" VALUES('dataset','starter 2026.11.1');
CREATE TABLE terms (
	kind VARCHAR NOT NULL, 
	id BIGINT NOT NULL, 
	entry_from BIGINT NOT NULL, 
	valid_from VARCHAR NOT NULL, 
	field VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	"key" VARCHAR NOT NULL, 
	PRIMARY KEY (kind, id, entry_from, valid_from, field, position)
)
 WITHOUT ROWID

;
INSERT INTO "terms" VALUES('country',1,1,'0001-01-01','area',0,'513120','nc11f518000000000');
INSERT INTO "terms" VALUES('country',1,1,'0001-01-01','capital',0,'Bangkok','sbangkok');
INSERT INTO "terms" VALUES('country',1,1,'0001-01-01','id',0,'1','nbff0000000000000');
INSERT INTO "terms" VALUES('country',1,1,'0001-01-01','name',0,'Thailand','sthailand');
INSERT INTO "terms" VALUES('country',1,5,'0001-01-01','area',0,'513121','nc11f518400000000');
INSERT INTO "terms" VALUES('country',1,5,'0001-01-01','capital',0,'Bangkok','sbangkok');
INSERT INTO "terms" VALUES('country',1,5,'0001-01-01','id',0,'1','nbff0000000000000');
INSERT INTO "terms" VALUES('country',1,5,'0001-01-01','name',0,'Thailand','sthailand');
INSERT INTO "terms" VALUES('country',2,2,'0001-01-01','area',0,'7617930','nc15d0f6280000000');
INSERT INTO "terms" VALUES('country',2,2,'0001-01-01','capital',0,'Canberra','scanberra');
INSERT INTO "terms" VALUES('country',2,2,'0001-01-01','id',0,'2','nc000000000000000');
INSERT INTO "terms" VALUES('country',2,2,'0001-01-01','name',0,'Australia','saustralia');
INSERT INTO "terms" VALUES('country',2,6,'0001-01-01','area',0,'7617930','nc15d0f6280000000');
INSERT INTO "terms" VALUES('country',2,6,'0001-01-01','capital',0,'Sydney','ssydney');
INSERT INTO "terms" VALUES('country',2,6,'0001-01-01','id',0,'2','nc000000000000000');
INSERT INTO "terms" VALUES('country',2,6,'0001-01-01','name',0,'Australia','saustralia');
INSERT INTO "terms" VALUES('country',3,3,'0001-01-01','area',0,'1010408','nc12ed5d000000000');
INSERT INTO "terms" VALUES('country',3,3,'0001-01-01','capital',0,'Cairo','scairo');
INSERT INTO "terms" VALUES('country',3,3,'0001-01-01','id',0,'3','nc008000000000000');
INSERT INTO "terms" VALUES('country',3,3,'0001-01-01','name',0,'Egypt','segypt');
INSERT INTO "terms" VALUES('country',3,9,'0001-01-01','area',0,'1010408','nc12ed5d000000000');
INSERT INTO "terms" VALUES('country',3,9,'0001-01-01','capital',0,'Cairo','scairo');
INSERT INTO "terms" VALUES('country',3,9,'0001-01-01','id',0,'3','nc008000000000000');
INSERT INTO "terms" VALUES('country',3,9,'0001-01-01','name',0,'Egypt','segypt');
INSERT INTO "terms" VALUES('country',3,9,'2020-01-01','area',0,'1010408','nc12ed5d000000000');
INSERT INTO "terms" VALUES('country',3,9,'2020-01-01','capital',0,'Alexandria','salexandria');
INSERT INTO "terms" VALUES('country',3,9,'2020-01-01','id',0,'3','nc008000000000000');
INSERT INTO "terms" VALUES('country',3,9,'2020-01-01','name',0,'Egypt','segypt');
INSERT INTO "terms" VALUES('country',4,4,'0001-01-01','area',0,'12345','nc0c81c8000000000');
INSERT INTO "terms" VALUES('country',4,4,'0001-01-01','capital',0,'Mudville','smudville');
INSERT INTO "terms" VALUES('country',4,4,'0001-01-01','id',0,'4','nc010000000000000');
INSERT INTO "terms" VALUES('country',4,4,'0001-01-01','name',0,'Elbonia','selbonia');
INSERT INTO "terms" VALUES('country',4,10,'0001-01-01','area',0,'12346','nc0c81d0000000000');
INSERT INTO "terms" VALUES('country',4,10,'0001-01-01','capital',0,'Upper Mudville','supper mudville');
INSERT INTO "terms" VALUES('country',4,10,'0001-01-01','id',0,'4','nc010000000000000');
INSERT INTO "terms" VALUES('country',4,10,'0001-01-01','name',0,'Elbonia','selbonia');
INSERT INTO "terms" VALUES('country',5,7,'0001-01-01','area',0,'7','nc01c000000000000');
INSERT INTO "terms" VALUES('country',5,7,'0001-01-01','capital',0,'Poseidonis','sposeidonis');
INSERT INTO "terms" VALUES('country',5,7,'0001-01-01','id',0,'5','nc014000000000000');
INSERT INTO "terms" VALUES('country',5,7,'0001-01-01','name',0,'Atlantis','satlantis');
CREATE TABLE versions (
	kind VARCHAR NOT NULL, 
	id BIGINT NOT NULL, 
	entry_from BIGINT NOT NULL, 
	valid_from VARCHAR NOT NULL, 
	entry_to BIGINT NOT NULL, 
	valid_to VARCHAR NOT NULL, 
	document TEXT NOT NULL, 
	PRIMARY KEY (kind, id, entry_from, valid_from)
);
INSERT INTO "versions" VALUES('country',1,1,'0001-01-01',5,'9999-12-31','{"area":513120,"capital":"Bangkok","id":1,"name":"Thailand"}');
INSERT INTO "versions" VALUES('country',2,2,'0001-01-01',6,'9999-12-31','{"area":7617930,"capital":"Canberra","id":2,"name":"Australia"}');
INSERT INTO "versions" VALUES('country',3,3,'0001-01-01',9,'9999-12-31','{"area":1010408,"capital":"Cairo","id":3,"name":"Egypt"}');
INSERT INTO "versions" VALUES('country',4,4,'0001-01-01',10,'9999-12-31','{"area":12345,"capital":"Mudville","id":4,"name":"Elbonia"}');
INSERT INTO "versions" VALUES('country',1,5,'0001-01-01',9223372036854775807,'9999-12-31','{"area":513121,"capital":"Bangkok","id":1,"name":"Thailand"}');
INSERT INTO "versions" VALUES('country',2,6,'0001-01-01',9223372036854775807,'9999-12-31','{"area":7617930,"capital":"Sydney","id":2,"name":"Australia"}');
INSERT INTO "versions" VALUES('country',5,7,'0001-01-01',8,'9999-12-31','{"area":7,"capital":"Poseidonis","id":5,"name":"Atlantis"}');
INSERT INTO "versions" VALUES('country',3,9,'0001-01-01',9223372036854775807,'2020-01-01','{"area":1010408,"capital":"Cairo","id":3,"name":"Egypt"}');
INSERT INTO "versions" VALUES('country',3,9,'2020-01-01',9223372036854775807,'9999-12-31','{"area":1010408,"capital":"Alexandria","id":3,"name":"Egypt"}');
INSERT INTO "versions" VALUES('country',4,10,'0001-01-01',9223372036854775807,'9999-12-31','{"area":12346,"capital":"Upper Mudville","id":4,"name":"Elbonia"}');
CREATE INDEX ix_entries_at ON entries (at);
CREATE INDEX entries_of_record ON entries (kind, id, number);
CREATE INDEX versions_current ON versions (kind, id, valid_from, valid_to) WHERE entry_to = 9223372036854775807;
CREATE INDEX keys_of_record ON keys (kind, id, entry_to);
CREATE INDEX terms_by_key ON terms (kind, field, "key");
CREATE INDEX ix_idempotency_at ON idempotency (at);
COMMIT;
