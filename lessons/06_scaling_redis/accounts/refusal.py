"""How strangers are refused: always with the same words, whatever was wrong."""

import json

UNAUTHORIZED = 4401

UNAUTHORIZED_ERROR = {
    "type": "error",
    "code": "unauthorized",
    "detail": "Say who you are: log in, or show a token that is good.",
}
UNAUTHORIZED_FRAME = json.dumps(UNAUTHORIZED_ERROR)
