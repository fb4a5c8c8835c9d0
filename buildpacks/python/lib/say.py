"""Words in the push, and how a program ends."""
import sys


class Refused(Exception):
    """The developer must correct something; the text says what."""


def step(text):
    print(f"-----> {text}", flush=True)


def detail(text):
    for line in text.splitlines():
        print(f"       {line}", flush=True)


def run(program):
    try:
        sys.exit(program())
    except Refused as refused:
        for line in str(refused).splitlines():
            print(f" !     {line}", flush=True)
        sys.exit(1)
