using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Control.Configuration;

/// <summary>Where the administrative socket is, and who may connect. Immutable, any thread.</summary>
/// <param name="Path">Absolute.</param>
internal sealed record AdminSocketSetting(string Path)
{
    public SocketPermissions Permissions { get; init; } = SocketPermissions.AsBound;
}
