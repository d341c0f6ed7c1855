namespace FastTcpProxy.Engine.Upstreams;

/// <summary>What an upstream is told about the client before the first byte of payload.</summary>
public enum HeaderMode : byte
{
    /// <summary>Nothing.</summary>
    Raw,

    /// <summary>A PROXY protocol header of version 1 (text).</summary>
    ProxyV1,

    /// <summary>A PROXY protocol header of version 2 (binary).</summary>
    ProxyV2,
}
