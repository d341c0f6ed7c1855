using System.Diagnostics.CodeAnalysis;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>The memory of another process's counters, to be read only. It owns the descriptor. One thread at a time.</summary>
internal sealed unsafe class EarlierMetricsMemory : MetricsMemory
{
    private int _descriptor;

    private EarlierMetricsMemory(int descriptor, byte* start, long bytes)
    {
        _descriptor = descriptor;
        Start = start;
        Bytes = bytes;
    }

    ~EarlierMetricsMemory() => Close();

    public override int Descriptor => _descriptor;

    /// <summary>The kernel takes the lock of a process away with it, in whatever way it ends.</summary>
    public override bool HasWriter => NativeMemoryFile.IsLockedByOther(_descriptor);

    /// <summary>Reads what another process has passed. Takes the descriptor: it closes it where it fails.</summary>
    /// <param name="fault">Why it fails.</param>
    public static EarlierMetrics? TryOpen(int descriptor, [NotNullWhen(false)] out string? fault)
    {
        EarlierMetricsMemory? memory = null;
        fault = null;
        try
        {
            long[] head = new long[3];
            if (!NativeMemoryFile.TryRead(descriptor, System.Runtime.InteropServices.MemoryMarshal.AsBytes(head.AsSpan()), 0)
                || head[0] != SharedMetricsMemory.Magic)
                throw new FormatException("it does not begin as such a memory does");
            (long bytes, long indexBytes) = (head[1], head[2]);
            // Sealed against getting shorter: a read beyond its end would end this process.
            if (bytes < MetricsLayout.HeadBytes || indexBytes is < 0 or > MetricsIndex.BytesMax
                || !NativeMemoryFile.IsLasting(descriptor, bytes))
                throw new FormatException("it is not as long as it says, or can get shorter");
            byte[] index = new byte[indexBytes];
            if (!NativeMemoryFile.TryRead(descriptor, index, bytes)) throw new FormatException("its index cannot be read");
            byte* start = NativeMemoryFile.Map(descriptor, bytes, writable: false);
            if (start is null) throw new FormatException("it cannot be mapped");
            memory = new EarlierMetricsMemory(descriptor, start, bytes);
            return new EarlierMetrics(memory, MetricsIndex.Parse(index, bytes));
        }
        catch (FormatException e)
        {
            fault = e.Message;
            if (memory is null) NativeDescriptor.Close(descriptor);
            else memory.Close();
            return null;
        }
    }

    public override void Close()
    {
        if (_descriptor < 0) return;
        NativeMemoryFile.Unmap(Start, Bytes);
        NativeDescriptor.Close(_descriptor);
        _descriptor = -1;
    }
}
