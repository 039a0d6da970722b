"""How the exchange says no: a status, a name clients match on, and a sentence."""


class Refusal(Exception):
    """Answered as `{"error": {"name": …, "message": …}}`; the name is a number on quotations, as at Upbit."""

    def __init__(self, status: int, name: str | int, message: str) -> None:
        super().__init__(message)
        self.status, self.name, self.message = status, name, message


def quotation(status: int, message: str) -> Refusal:
    return Refusal(status, status, message)


MISSING_PARAMETER = "Missing request parameter error. Check the required parameters!"
WRONG_TYPE = "Type mismatch error. Check the parameters type!"
WRONG_VALUE = "Invalid parameter. Check the given value!"
