"""Copies a stack into the scratch store of a planning job."""

import os
import re

from .errors import JobError
from .messages import name_and_message, one_line

# Of ZenML's models, in characters.
LONGEST_NAME = 255


def register_stack(job, not_checked):
    """Registers a copy of the stack and makes it active for this process.

    `not_checked` gets a sentence for each part of the stack that planning cannot check. Returns
    whether the copy has every component.
    """
    from zenml.client import Client
    from zenml.enums import StackComponentType
    from zenml.models import StackRequest

    client = Client()
    definition = job["stackDefinition"]
    if create_placeholder_secrets(client, definition):
        not_checked.append("Secrets that the stack refers to: planning used placeholders.")
    components = {}
    for component in definition["components"]:
        component_type = StackComponentType(component["type"])
        copy = copy_component(client, component, component_type, not_checked)
        if copy is not None:
            components.setdefault(component_type, []).append(copy.id)
    copied = sum(map(len, components.values()))
    for needed in (StackComponentType.ORCHESTRATOR, StackComponentType.ARTIFACT_STORE):
        if needed not in components:
            components[needed] = [client.active_stack_model.components[needed][0].id]
    # A name may have 255 characters already.
    name = f"copy of {definition['name']}"[:LONGEST_NAME]
    stack = client.zen_store.create_stack(StackRequest(name=name, components=components))
    os.environ["ZENML_ACTIVE_STACK_ID"] = str(stack.id)
    import_implementations(client, definition["name"])
    return copied == len(definition["components"])


def copy_component(client, component, component_type, not_checked):
    """The copy of a component; None when its flavor is custom and cannot be imported."""
    from zenml.models import ComponentRequest

    title = f"{component['type']} `{component['name']}` of flavor `{component['flavor']}`"
    fields = flavor_fields(client, component, component_type)
    if fields is None:
        not_checked.append(f"The {title}: its flavor is custom and its code is not in this source.")
        return None
    unknown = sorted(set(component["configuration"]) - fields)
    if unknown:
        not_checked.append(f"The {title}: this ZenML does not know its keys {', '.join(unknown)}.")
    return client.zen_store.create_stack_component(
        ComponentRequest(
            # Every store already has the components of the default stack under this name. Any
            # other name stays, because settings and steps may refer to it.
            name="copy of default" if component["name"] == "default" else component["name"],
            type=component_type,
            flavor=component["flavor"],
            configuration={k: v for k, v in component["configuration"].items() if k in fields},
        )
    )


def flavor_fields(client, component, component_type):
    """The configuration keys of a component's flavor.

    None when the flavor is custom and cannot be imported.
    """
    from zenml.stack import Flavor

    try:
        flavor = client.get_flavor_by_name_and_type(component["flavor"], component_type)
    except KeyError:
        if component.get("flavorSource") is None:
            return None
        try:
            flavor = client.create_flavor(component["flavorSource"], component_type)
        except Exception as error:
            print(
                f"The flavor {component['flavorSource']} cannot be used: {name_and_message(error)}"
            )
            return None
    return set(Flavor.from_model(flavor).config_class.model_fields)


def create_placeholder_secrets(client, definition):
    """Creates the secrets that components refer to as {{name.key}}, and returns their names.

    Without the secrets, reading such a value would fail.
    """
    keys = {}
    for component in definition["components"]:
        for value in component["configuration"].values():
            reference = (
                re.fullmatch(r"\{\{\s*([^.\s]+)\.([^}\s]+)\s*\}\}", value)
                if isinstance(value, str)
                else None
            )
            if reference is not None:
                keys.setdefault(reference[1], {})[reference[2]] = "placeholder"
    for name, values in keys.items():
        client.create_secret(name, values)
    return sorted(keys)


def import_implementations(client, stack_name):
    try:
        client.active_stack  # noqa: B018 - imports the implementation of every component
    except ImportError as error:
        # ZenML's own remedy follows after an empty line. Ours is to let the integration be
        # installed.
        problem = one_line(str(error).split("\n\n")[0])
        raise JobError(
            "configure",
            f"{type(error).__name__}: {problem} (stack {stack_name})",
            "Add the requirements of the stack's integrations to `install.requirements` of the"
            " source.",
        ) from error
