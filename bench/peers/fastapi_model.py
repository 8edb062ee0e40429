"""The same list in FastAPI, with a response model."""

from fastapi import FastAPI
from pydantic import BaseModel

from bench.peers.ready import read_records


class Country(BaseModel):
    """A record as the API promises it."""

    id: int
    name: str
    capital: str | None = None
    area: float | None = None


app = FastAPI()

countries = [Country(**record) for record in read_records()]


@app.get("/countries", response_model=list[Country])
async def list_countries() -> list[Country]:
    """Everything in the list."""
    return countries
