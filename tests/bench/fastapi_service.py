"""The contender: the randomizer as a careful user writes it with FastAPI, same contract.

ES256 token checked once and then cached, folder check, typed input and output.
"""

import os
import time
from pathlib import Path
from random import randint, seed
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

app = FastAPI()
PUBLIC_KEY = Path(os.environ["PUBLIC_KEY"]).read_text()
verified: dict[str, dict[str, Any]] = {}


async def claims_of(
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
) -> dict[str, Any]:
    claims = verified.get(credentials.credentials)
    if claims is None or claims["exp"] <= time.time():
        try:
            claims = jwt.decode(
                credentials.credentials,
                PUBLIC_KEY,
                algorithms=["ES256"],
                audience="jupyter-node-deploy",
            )
        except jwt.PyJWTError as error:
            raise HTTPException(401, str(error)) from error
        verified[credentials.credentials] = claims
    return claims


class Bounds(BaseModel):
    left_bound: int
    right_bound: int


class Input(BaseModel):
    input_data: Bounds


class Request(BaseModel):
    folder_id: str
    input: Input


class Value(BaseModel):
    generated_value: int


class Output(BaseModel):
    output_data: Value


class Response(BaseModel):
    output: Output


def generate_value(input_data: dict[str, Any]) -> dict[str, Any]:
    seed()
    return {"generated_value": randint(input_data["left_bound"], input_data["right_bound"])}


@app.post("/execute")
async def execute(
    request: Request, claims: Annotated[dict[str, Any], Depends(claims_of)]
) -> Response:
    if claims["folder"] != request.folder_id:
        raise HTTPException(403, "wrong folder")
    output_data = generate_value(request.input.input_data.model_dump())
    print(output_data)
    return Response(output=Output(output_data=output_data))
