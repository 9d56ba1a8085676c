"""The operations of Amazon Rekognition that are used, by AWS's names."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Operation(Enum):
    """An operation, as quotas, policies and bills name it."""

    CREATE_COLLECTION = "CreateCollection"
    DESCRIBE_COLLECTION = "DescribeCollection"
    LIST_COLLECTIONS = "ListCollections"
    DELETE_COLLECTION = "DeleteCollection"
    DETECT_FACES = "DetectFaces"
    COMPARE_FACES = "CompareFaces"
    SEARCH_USERS = "SearchUsersByImage"
    SEARCH_FACES = "SearchFacesByImage"
    DETECT_TEXT = "DetectText"
    INDEX_FACES = "IndexFaces"
    CREATE_USER = "CreateUser"
    ASSOCIATE_FACES = "AssociateFaces"
    DISASSOCIATE_FACES = "DisassociateFaces"
    DELETE_USER = "DeleteUser"
    DELETE_FACES = "DeleteFaces"
    LIST_FACES = "ListFaces"
    LIST_USERS = "ListUsers"

    @property
    def costs(self) -> bool:
        """True if AWS bills each call, since it takes a picture."""
        return self in _WITH_PICTURE

    @property
    def searches(self) -> bool:
        """True if it is what a door waits for."""
        return self in _SEARCHES

    @property
    def in_collection(self) -> bool:
        """True if it is about a collection that there is, which a policy can name."""
        return self not in _WITHOUT_COLLECTION


_SEARCHES: Final = frozenset({Operation.SEARCH_USERS, Operation.SEARCH_FACES})
_LOOKS: Final = frozenset({Operation.DETECT_FACES, Operation.COMPARE_FACES, Operation.DETECT_TEXT})
_WITH_PICTURE: Final = _SEARCHES | _LOOKS | {Operation.INDEX_FACES}
_WITHOUT_COLLECTION: Final = _LOOKS | {Operation.CREATE_COLLECTION, Operation.LIST_COLLECTIONS}
