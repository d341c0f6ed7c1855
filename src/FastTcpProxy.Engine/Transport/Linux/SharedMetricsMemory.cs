using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>
/// Memory of counters that the next process can read (memfd_create(2)): while this one drains, and after it has ended in whatever way. As
/// long as this process lives it holds a lock on it, by which the next one knows. Its pages exist only when they are first written.
/// Any thread.
/// </summary>
internal sealed unsafe class SharedMetricsMemory : MetricsMemory
{
    /// <summary>What its head begins with, so that nothing else is taken for it.</summary>
    internal const long Magic = 0x31_43_52_54_4D_50_54_46;

    private int _descriptor;

    private SharedMetricsMemory(int descriptor, byte* start, long bytes)
    {
        _descriptor = descriptor;
        Start = start;
        Bytes = bytes;
    }

    ~SharedMetricsMemory()
    {
        NativeMemoryFile.Unmap(Start, Bytes);
        Close();
    }

    public override int Descriptor => _descriptor;

    public override void Close()
    {
        int descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor >= 0) NativeDescriptor.Close(descriptor);
    }

    /// <summary>Null where the kernel gives none; then counters end with their process.</summary>
    public static SharedMetricsMemory? TryCreate(long bytes)
    {
        int descriptor = NativeMemoryFile.Create("fasttcpproxy-counters", bytes);
        if (descriptor < 0) return null;
        byte* start = NativeMemoryFile.Map(descriptor, bytes, writable: true);
        if (start is not null && NativeMemoryFile.TryLock(descriptor)) return new SharedMetricsMemory(descriptor, start, bytes);
        if (start is not null) NativeMemoryFile.Unmap(start, bytes);
        NativeDescriptor.Close(descriptor);
        return null;
    }

    /// <summary>Behind the blocks; the head says how long it is and where it begins.</summary>
    public override bool TryWriteIndex(ReadOnlySpan<byte> index)
    {
        if (!NativeMemoryFile.TryWrite(_descriptor, index, Bytes)) return false;
        long* head = (long*)Start;
        (head[1], head[2]) = (Bytes, index.Length);
        Volatile.Write(ref head[0], Magic);
        return true;
    }
}
