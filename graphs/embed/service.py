"""Answers lines of JSON from standard input, and keeps a state for each client.

    rondo build graphs/embed/meter.graph --with python -o build/meter
    PYTHONPATH=build/meter python3 graphs/embed/service.py [WEIGHTS.safetensors]

    {"client": "a", "value": 0.5}      {"client": "a", "expects": 0.61}
    {"client": "a", "ask": "state"}    {"client": "a", "state": "PwAAA..."}
    {"client": "b", "state": "PwA..."} {"client": "b", "state": "PwA..."}
    {"client": "a", "ask": "forget"}   {"client": "a", "clients": 1}

A client that is new begins a series. Its state can be taken out as text and put in again, here or in
another process with the same model. Whatever is wrong is answered by {"error": ...}, and the service
goes on.
"""

import base64
import binascii
import json
import math
import sys

import numpy as np

import meter

# What more than so many clients would take is refused: a state is some 0.1 kB.
MOST_CLIENTS = 100_000


class Service:
    """One model, and the states of all clients."""

    def __init__(self, weights: str | None) -> None:
        self.model = meter.Meter(seed=7)
        if weights:
            self.model.load(weights)
        self.model.begin()
        self.first = self.model.state
        self.states: dict[str, bytes] = {}

    def answer(self, line: str) -> dict:
        """The answer to a line; what is wrong with it is a ValueError."""
        question = json.loads(line)
        if not isinstance(question, dict) or not isinstance(question.get("client"), str):
            raise ValueError("a line is an object with a client's name")
        client = question["client"]
        if client not in self.states and len(self.states) >= MOST_CLIENTS:
            raise ValueError(f"there are {MOST_CLIENTS} clients already")
        match sorted(question.keys() - {"client"}):
            case ["value"]:
                return {"client": client, "expects": self.expect(client, question["value"])}
            case ["state"]:
                self.states[client] = self.state(question["state"])
            case ["ask"] if question["ask"] == "forget":
                self.states.pop(client, None)
                return {"client": client, "clients": len(self.states)}
            case ["ask"] if question["ask"] == "state":
                pass
            case _:
                raise ValueError('beside the client is one of "value", "state" and "ask"')
        state = self.states.get(client, self.first)
        return {"client": client, "state": base64.b64encode(state).decode()}

    def expect(self, client: str, value) -> float:
        """What a client's series goes on with after a value."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError("a value is a number")
        if not math.isfinite(value) or abs(value) > 1e6:
            raise ValueError("a value is between -1e6 and 1e6")
        self.model.state = self.states.get(client, self.first)
        guess = self.model.step(np.array([value]))
        self.states[client] = self.model.state
        return round(float(np.ravel(guess)[0]), 6)

    def state(self, text) -> bytes:
        """A state that was taken out before."""
        if not isinstance(text, str):
            raise ValueError("a state is a text")
        try:
            state = base64.b64decode(text, validate=True)
        except binascii.Error:
            raise ValueError("the state is not what was taken out") from None
        if len(state) != len(self.first):
            raise ValueError(f"a state has {len(self.first)} bytes, not {len(state)}")
        if not np.isfinite(np.frombuffer(state, np.float32)).all():
            raise ValueError("the state is not what was taken out")
        return state


def main() -> None:
    if len(sys.argv) > 2:
        sys.exit("service.py: write: service.py [WEIGHTS.safetensors]")
    try:
        service = Service(sys.argv[1] if len(sys.argv) == 2 else None)
    except (OSError, ValueError) as error:
        sys.exit(f"service.py: {error}")
    for line in sys.stdin:
        try:
            answer = service.answer(line)
        except (ValueError, RecursionError) as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
