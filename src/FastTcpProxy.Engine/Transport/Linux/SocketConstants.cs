namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>Levels, options and families of sockets that the framework has no names for (socket(7), ip(7), ipv6(7), tcp(7)).</summary>
public static class SocketConstants
{
    public const int SolIp = 0, SolSocket = 1, SolTcp = 6, SolIPv6 = 41;

    public const int SoType = 3, SoKeepAlive = 9, SoOobInline = 10, SoLinger = 13, SoReusePort = 15, SoPeerCredentials = 17,
        SoAttachFilter = 26, SoDetachFilter = 27, SoAcceptConnections = 30;

    /// <summary>Of send(2) and recv(2).</summary>
    public const int MsgPeek = 0x2, MsgDontWait = 0x40, MsgNoSignal = 0x4000;

    public const ushort AfUnspecified = 0, AfUnix = 1, AfInet = 2, AfInet6 = 10;
}
