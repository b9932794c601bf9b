"""What happens to personal data at its end."""

from __future__ import annotations

from orderopt.models.life.document import Document, Payload, Stamp
from orderopt.models.life.part import Sensitivity
from orderopt.models.life.sensitive import mask


class PersonalDataErased(Payload):
    """Everything personal in a document was erased; from here on it is not in the document either."""

    def apply(self, document: Document, stamp: Stamp) -> Document:
        """Return the document without what is personal."""
        return mask(document, set(Sensitivity) - {Sensitivity.PERSONAL})
