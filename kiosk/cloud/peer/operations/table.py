"""All operations by AWS's names of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kiosk.cloud.peer.account import PeerAccount, PeerRequest
from kiosk.cloud.peer.operations import collections, faces, pictures, searching, users

OPERATIONS: Mapping[str, Callable[[PeerAccount, PeerRequest], dict[str, Any]]] = {
    "AssociateFaces": users.associate_faces,
    "CompareFaces": pictures.compare_faces,
    "CreateCollection": collections.create_collection,
    "CreateUser": users.create_user,
    "DeleteCollection": collections.delete_collection,
    "DeleteFaces": faces.delete_faces,
    "DeleteUser": users.delete_user,
    "DescribeCollection": collections.describe_collection,
    "DetectFaces": pictures.detect_faces,
    "DetectText": pictures.detect_text,
    "DisassociateFaces": users.disassociate_faces,
    "IndexFaces": faces.index_faces,
    "ListCollections": collections.list_collections,
    "ListFaces": faces.list_faces,
    "ListUsers": users.list_users,
    "SearchFaces": searching.search_faces,
    "SearchFacesByImage": searching.search_faces_by_image,
    "SearchUsers": searching.search_users,
    "SearchUsersByImage": searching.search_users_by_image,
}
