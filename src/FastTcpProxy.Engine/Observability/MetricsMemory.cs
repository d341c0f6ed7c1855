using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// The memory of all blocks of a process, zero at first. It lives as long as anything refers to it, because a loop that hangs may write
/// after all else has been closed. Any thread.
/// </summary>
internal abstract unsafe class MetricsMemory
{
    /// <summary>Its beginning.</summary>
    public byte* Start { get; protected init; }

    public long Bytes { get; protected init; }

    /// <summary>The descriptor by which another process can read it; negative where it is this process's alone.</summary>
    public virtual int Descriptor => -1;

    /// <summary>Whether the process lives that writes it.</summary>
    public virtual bool HasWriter => true;

    /// <summary>Nothing counts any more, or what does is not worth a descriptor: no other process can begin to read it.</summary>
    public virtual void Close()
    {
    }

    /// <summary>Puts down behind the blocks what the next process needs to understand them.</summary>
    public virtual bool TryWriteIndex(ReadOnlySpan<byte> index) => false;
}

/// <summary>Memory of this process alone: of tests, and where the kernel gives no other.</summary>
internal sealed unsafe class PrivateMetricsMemory : MetricsMemory
{
    public PrivateMetricsMemory(long bytes)
    {
        Bytes = bytes;
        Start = (byte*)NativeMemory.AllocZeroed((nuint)bytes);
    }

    ~PrivateMetricsMemory() => NativeMemory.Free(Start);
}
