"""`kiosk cloud init`: the key of people's ids, the metadata, and the first collections."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.cloud.common import DryRunOption, cloud_libraries, opened_admin, settings_in
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, made_home
from kiosk.domain.errors import SettingsError

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.domain.cloud.shards import ShardedCollections
    from kiosk.wiring.cloud.jobs import CloudAdmin


def init(
    *,
    print_table: Annotated[
        bool,
        typer.Option("--print-table", help="Only print CloudFormation for the metadata's table."),
    ] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Make what the cloud needs: key, table, collections. What is there stays as it is."""
    place = made_home(home)
    settings = settings_in(place, config)
    if settings.cloud.region is None:
        raise SettingsError(
            "cloud.region is not set.", "Name the AWS region of the collections, as `eu-west-1`."
        )
    if print_table:
        return _print_table(settings)
    if dry_run:
        return _shown(_planned(settings, place), (), json=json)
    said = _made(settings, place)
    with opened_admin(place, config) as admin:
        collections, new = _collections(admin)
        said |= {
            "collections": list(collections.names),
            "collections_made": new,
            "model": collections.model,
            "generation": collections.generation.number,
            "agreed": len(admin.consents()),
        }
        warnings = _warnings(admin, collections)
    return _shown(said, warnings, json=json)


def _made(settings: Settings, place: Path) -> dict[str, object]:
    """The key and the table."""
    with cloud_libraries():
        from kiosk.cloud.ids import make_key
        from kiosk.wiring.cloud.jobs import made_table, refuse_new_key
    key, table = _key(settings, place), made_table(settings)
    if not key.exists():
        refuse_new_key(settings)
    return {"key": str(key), "key_made": make_key(key), "table_made": table}


def _key(settings: Settings, place: Path) -> Path:
    from kiosk.store.home import Home

    return settings.cloud.id_key_file or Home(place).cloud_ids


def _collections(admin: CloudAdmin) -> tuple[ShardedCollections, bool]:
    """The collections in force, made if there are none, and whether they were."""
    from kiosk.cloud.jobs.building import GenerationBuilder, check_all
    from kiosk.domain.cloud.shards import ShardedCollections

    current = admin.records.read().in_force
    if current is None:
        builder = GenerationBuilder(admin.building, admin.owner)
        builder.begin(admin.settings.cloud.shards, None)
        current = builder.switch()
        return ShardedCollections(admin.settings.cloud.collection, current), True
    collections = ShardedCollections(admin.settings.cloud.collection, current)
    check_all(admin.faces, collections)
    return collections, False


def _warnings(admin: CloudAdmin, collections: ShardedCollections) -> list[str]:
    cloud, found = admin.settings.cloud, []
    if collections.model not in cloud.thresholds:
        found.append(
            f"cloud.thresholds has no similarity for face model {collections.model}: the cloud"
            " releases no door."
        )
    if collections.generation.shards != cloud.shards:
        found.append(
            f"There are {collections.generation.shards} collections, and cloud.shards is"
            f" {cloud.shards}: it counts for the next generation."
        )
    return found


def _planned(settings: Settings, place: Path) -> dict[str, object]:
    from kiosk.domain.cloud.shards import collection_name

    cloud = settings.cloud
    return {
        "key": str(_key(settings, place)),
        "metadata": cloud.metadata,
        "region": cloud.region,
        "collections": [collection_name(cloud.collection, 1, s) for s in range(cloud.shards)],
        "dry_run": True,
    }


def _shown(said: dict[str, object], warnings: tuple[str, ...] | list[str], *, json: bool) -> int:
    if json:
        print_json({**said, "warnings": list(warnings)})
    else:
        for name, value in said.items():
            if value is not None:
                print(f"{name.replace('_', ' ')}: {_in_words(value)}")
        if said.get("agreed") == 0:
            print("Nobody enrolled here agreed to Amazon Rekognition yet: nobody is sent.")
        for each in warnings:
            print(each, file=sys.stderr)
    return 1 if warnings else 0


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _print_table(settings: Settings) -> int:
    with cloud_libraries():
        from kiosk.cloud.metadata.dynamodb import TABLE
        from kiosk.wiring.cloud.jobs import table_of
    table = table_of(settings)
    if table is None:
        raise SettingsError(
            "cloud.metadata names no table.", 'Set it to "dynamodb:" and the name of a table.'
        )
    encryption = {"SSEEnabled": True}
    properties = {**TABLE, "TableName": table, "SSESpecification": encryption}
    kind = {"Type": "AWS::DynamoDB::Table", "Properties": properties}
    print_json({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"LintelMetadata": kind}})
    return 0
