namespace FastTcpProxy.ProxyProtocol;

/// <summary>The three outcomes of <see cref="ProxyHeaderDecoder.Decode"/>.</summary>
public enum ProxyDecodeStatus : byte
{
    /// <summary>All bytes so far can be the beginning of a valid header, and it is not whole. Call again with more.</summary>
    NeedMore,

    /// <summary>A whole, valid header stands at the beginning; what follows it is payload.</summary>
    Complete,

    /// <summary>No bytes that may follow can make this a valid header. Abort the connection (specification 2.1).</summary>
    Invalid,
}
