"""Whether this machine has the container engine with which ZenML would build."""

import ipaddress
import socket


def find_engine():
    """The name of the engine. RuntimeError with ZenML's own message when none can be used."""
    try:
        from zenml.container_engines import get_container_engine
    except ImportError:  # an older ZenML uses Docker alone
        from zenml.image_builders.local_image_builder import LocalImageBuilder

        LocalImageBuilder._check_prerequisites()
        return "docker"
    return str(get_container_engine().engine_type.value)


def allows_plain_http(host, engine):
    """Whether the engine uses a registry without a verified certificate."""
    addresses = addresses_of(host)
    if engine != "docker":
        return any(address.is_loopback for address in addresses)
    names, networks = insecure_registries()
    return host in names or any(address in network for address in addresses for network in networks)


def insecure_registries():
    """Names and networks of the registries that the Docker daemon does not verify."""
    import docker

    settings = docker.from_env(timeout=10).info().get("RegistryConfig") or {}
    indexes = settings.get("IndexConfigs") or {}
    names = {name for name, index in indexes.items() if not index.get("Secure", True)}
    networks = settings.get("InsecureRegistryCIDRs") or ["127.0.0.0/8"]
    return names, [ipaddress.ip_network(network) for network in networks]


def addresses_of(host):
    try:
        found = socket.getaddrinfo(host.rsplit(":", 1)[0], None)
    except OSError:
        return []
    return [ipaddress.ip_address(address[4][0]) for address in found]
