namespace FastTcpProxy.Control.Configuration;

/// <summary>What becomes of a peer that is not trusted to send a PROXY header.</summary>
public enum OthersSetting
{
    /// <summary>It is refused.</summary>
    Refuse,

    /// <summary>It is served as a plain client; bytes that look like a header are payload.</summary>
    Plain,
}
