"""Personal fields as others see them, who have no purpose that allows more.

Source: GB/T 37964-2019 (de-identification), masking.
"""

HIDDEN = "*"


def masked(text: str, head: int, tail: int) -> str:
    """Keep the first and last characters; what is too short for that is hidden whole.

    >>> masked("13900001234", 3, 4), masked("123", 3, 4)
    ('139****1234', '***')
    """
    hidden = len(text) - head - tail
    if hidden <= 0:
        return HIDDEN * len(text)
    return text[:head] + HIDDEN * hidden + text[len(text) - tail :]


def masked_phone(text: str) -> str:
    """Mask a phone number.

    >>> masked_phone("13900001234")
    '139****1234'
    """
    return masked(text, 3, 4)
