using System.Runtime.CompilerServices;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// Where the blocks lie in a <see cref="MetricsMemory"/>: a head, then a column for each writer (the loops, and one for all other threads),
/// then the blocks of checks, of which there is one column. A column has the block of the loop, then those of the services, then those of
/// the upstreams, by number. So a loop writes no line of memory that another loop writes. Most of it is never touched, and takes no memory
/// then. Immutable.
/// </summary>
/// <param name="Columns">Loops, and one.</param>
/// <param name="ServicesMax">Numbers of services, 0 too.</param>
/// <param name="UpstreamsMax">Numbers of upstreams, 0 too.</param>
internal sealed record MetricsLayout(int Columns, int ServicesMax, int UpstreamsMax)
{
    /// <summary>
    /// Numbers of services: four times what a configuration may have, because those that it had before may still have sessions.
    /// </summary>
    public const int ServicesMaxDefault = 4096;

    /// <summary>Numbers of upstreams: twice what a configuration may have.</summary>
    public const int UpstreamsMaxDefault = 131_072;

    /// <summary>A multiple of the pages of all machines that the runtime has.</summary>
    private const long PageBytes = 64 << 10;

    /// <summary>Before the columns: what the next process reads first.</summary>
    public const long HeadBytes = PageBytes;

    public static MetricsLayout Default(int loops) => new(loops + 1, ServicesMaxDefault, UpstreamsMaxDefault);

    /// <summary>The first block of each kind, in the first column.</summary>
    public long LoopOffset => HeadBytes;

    public long ServicesOffset => LoopOffset + Unsafe.SizeOf<LoopCounts>();

    public long UpstreamsOffset => ServicesOffset + (long)ServicesMax * Unsafe.SizeOf<ServiceCounts>();

    public long ColumnBytes =>
        Align(UpstreamsOffset + (long)UpstreamsMax * Unsafe.SizeOf<UpstreamCounts>() - HeadBytes);

    public long ChecksOffset => HeadBytes + Columns * ColumnBytes;

    /// <summary>All of it.</summary>
    public long Bytes => Align(ChecksOffset + (long)UpstreamsMax * Unsafe.SizeOf<CheckCounts>());

    private static long Align(long bytes) => (bytes + PageBytes - 1) / PageBytes * PageBytes;
}
