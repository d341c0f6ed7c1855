using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// When the buckets of a source's bytes are full again, in nanoseconds (<see cref="ByteRate"/>): of what its clients send, and of what they
/// get. Any thread, each word by itself; a thread that writes has a session or a pin in the entry.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SourceBytes
{
    public const int Bytes = 2 * sizeof(long);

    public long FromClientFullAtNs;
    public long ToClientFullAtNs;

    public readonly bool IsIndebtedAt(long nowNs) =>
        Math.Max(Volatile.Read(in FromClientFullAtNs), Volatile.Read(in ToClientFullAtNs)) > nowNs;
}
