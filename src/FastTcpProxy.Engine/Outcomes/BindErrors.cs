using System.Net.Sockets;

namespace FastTcpProxy.Engine.Outcomes;

/// <summary>
/// Why a bind to a TCP address failed, and what to do: for services and for the administrative interface. Pure, any thread.
/// </summary>
public static class BindErrors
{
    public static string Explain(SocketException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => "the address is in use (see: ss -ltnp)",
            SocketError.AddressNotAvailable => "this machine has no such address (see: ip address)",
            SocketError.AccessDenied => "not permitted; ports below 1024 need CAP_NET_BIND_SERVICE",
            _ => error.Message,
        };
    }
}
