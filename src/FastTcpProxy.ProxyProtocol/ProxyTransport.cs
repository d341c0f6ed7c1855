namespace FastTcpProxy.ProxyProtocol;

/// <summary>The transport of a header (specification 2.2, low half of the 14th byte). The values are those on the wire.</summary>
public enum ProxyTransport : byte
{
    /// <summary>UNSPEC, and UNKNOWN in version 1: any address in the header is to be ignored.</summary>
    Unspecified = 0,

    /// <summary>TCP, or a UNIX stream socket.</summary>
    Stream = 1,

    /// <summary>UDP, or a UNIX datagram socket. Version 1 cannot say it.</summary>
    Datagram = 2,
}
