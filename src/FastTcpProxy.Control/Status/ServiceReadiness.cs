namespace FastTcpProxy.Control.Status;

/// <summary>What clients of a service get, as far as is known. The worse, the greater.</summary>
public enum ServiceReadiness : byte
{
    /// <summary>They are joined to an upstream that has an address and is not known to be down.</summary>
    Ready,

    /// <summary>Every upstream that could serve is down, and they are tried all the same (<c>allDown: try-in-order</c>).</summary>
    Degraded,

    /// <summary>They are turned away.</summary>
    NotReady,
}
