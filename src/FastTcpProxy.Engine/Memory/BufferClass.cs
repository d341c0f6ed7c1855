namespace FastTcpProxy.Engine.Memory;

/// <summary>The sizes of buffers. A buffer is held only while bytes wait in it.</summary>
internal enum BufferClass : byte
{
    /// <summary>4 KiB: a header of a balancer that arrives in pieces, the rest of a small message.</summary>
    Small,

    /// <summary>64 KiB: what is left of a larger message when its receiver is slow.</summary>
    Medium,

    /// <summary>256 KiB: what the relay reads into.</summary>
    Large,
}
