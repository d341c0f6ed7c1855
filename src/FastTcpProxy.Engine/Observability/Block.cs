using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Observability;

/// <summary>What all blocks have in common: they are longs. Stateless; the caller says which thread may.</summary>
internal static class Block
{
    /// <summary>How many longs a block has.</summary>
    public static int LongsOf<T>()
        where T : unmanaged => Unsafe.SizeOf<T>() / sizeof(long);

    public static Span<long> AsLongs<T>(ref T block)
        where T : unmanaged => MemoryMarshal.Cast<T, long>(MemoryMarshal.CreateSpan(ref block, 1));

    public static void Add<T>(ref T sum, ref readonly T block)
        where T : unmanaged => Add(AsLongs(ref sum), AsLongs(ref Unsafe.AsRef(in block)));

    /// <summary>
    /// Adds a block that its writer may be writing. Each long is read whole: a copy of the block as bytes need not do so.
    /// </summary>
    public static void Add(Span<long> sum, Span<long> block)
    {
        for (int i = 0; i < sum.Length; i++) sum[i] += Volatile.Read(ref block[i]);
    }
}
