"""Handlers of what the server itself is and offers."""

from __future__ import annotations

from .._version import __version__
from ..gateway.control import GatewayStatus
from ..specs import ReasonInfo
from .call import Call
from .models import ConfigurationList, GatewayLog, GatewayLogQuery, Health, ZoneList


async def health(call: Call) -> Health:
    """Say that the extension works, and for which data directory."""
    can = call.services.backend.capabilities()
    return Health(
        version=__version__,
        data_dir=str(call.services.home.root),
        backend=can.name,
        docker_nodes=can.docker_nodes,
        missing=can.missing,
        missing_info={feature: ReasonInfo.of(text) for feature, text in can.missing.items()},
    )


async def gateway(call: Call) -> GatewayStatus:
    """Say where the gateway answers and whether it runs."""
    return await call.services.gateway.status()


async def reload_gateway(call: Call) -> GatewayStatus:
    """Replace the gateway's process, losing no request."""
    await call.services.gateway.reload()
    return await call.services.gateway.status()


async def gateway_log(call: Call) -> GatewayLog:
    """Return the end of the gateway's log."""
    query: GatewayLogQuery = call.query
    text = await call.services.gateway.logs(query.tail)
    return GatewayLog(lines=text.splitlines())


async def configurations(call: Call) -> ConfigurationList:
    """List instance configurations."""
    return ConfigurationList(configurations=call.services.configurations)


async def zones(call: Call) -> ZoneList:
    """List zones."""
    return ZoneList(zones=call.services.zones)
