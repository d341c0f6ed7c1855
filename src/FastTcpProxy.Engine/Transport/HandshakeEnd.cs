namespace FastTcpProxy.Engine.Transport;

/// <summary>When the last packet of a connect's handshake leaves. Before it comes, a server has not accepted, and a reset is all that it
/// sees of a connection that is given up.</summary>
internal enum HandshakeEnd : byte
{
    /// <summary>At once.</summary>
    AtOnce,

    /// <summary>With the first data: the owner sends as soon as it is connected, whatever the peer does. Only where the target's
    /// acknowledgements may wait.</summary>
    WithData,

    /// <summary>With the first data, or when the owner asks for it, whatever the target's acknowledgements may do.</summary>
    Held,
}
