"""Whether the app boots now, ahead of its requests, and what it did that only a request can have."""

# How the line begins that the platform looks for; the JavaScript buildpack's `late.js` has the same.
LINE = "The app starts with each request: "
ADVICE = "Move that into a request's handler to make requests faster."

booting = False
reason = None


class NeedsRequest(OSError):
    """Raised where the app asks for what is not there yet."""


def needs_request(why):
    global reason
    if booting:
        reason = reason or f"{why}. {ADVICE}"
        raise NeedsRequest(why)


def line():
    return f"{LINE}{reason}"
