using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Runtime.CompilerServices;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// What a process needs to understand another one's memory of counters: where the blocks lie, what each of their longs is called, and which
/// names the numbers have. So each version may have other blocks, and what both know is added by name. Text: a line for each item, with
/// tabs between. Immutable.
/// </summary>
internal sealed class MetricsIndex
{
    /// <summary>Bytes of the longest one that is read: 131,072 names of 128 characters, and the blocks.</summary>
    public const int BytesMax = 32 << 20;

    private const string FirstLine = "fasttcpproxy counters 1";

    private MetricsIndex(ImmutableArray<BlockPlace> blocks, ImmutableArray<(int, MetricsName)> services,
        ImmutableArray<(int, MetricsName)> upstreams)
    {
        Blocks = blocks;
        Services = services;
        Upstreams = upstreams;
    }

    /// <summary>Those of loops, services, upstreams and checks, in this order.</summary>
    public ImmutableArray<BlockPlace> Blocks { get; }

    public ImmutableArray<(int Number, MetricsName Name)> Services { get; }

    public ImmutableArray<(int Number, MetricsName Name)> Upstreams { get; }

    public static byte[] Write(MetricsLayout layout, IEnumerable<(int Number, MetricsName Name)> services,
        IEnumerable<(int Number, MetricsName Name)> upstreams)
    {
        StringBuilder text = new();
        text.Append(FirstLine).Append('\n');
        Block(layout.LoopOffset, Unsafe.SizeOf<LoopCounts>(), layout.Columns, LoopCounts.Names);
        Block(layout.ServicesOffset, Unsafe.SizeOf<ServiceCounts>(), layout.Columns, ServiceCounts.Names);
        Block(layout.UpstreamsOffset, Unsafe.SizeOf<UpstreamCounts>(), layout.Columns, UpstreamCounts.Names);
        Block(layout.ChecksOffset, Unsafe.SizeOf<CheckCounts>(), 1, CheckCounts.Names);
        foreach ((int number, MetricsName name) in services)
            text.Append(CultureInfo.InvariantCulture, $"service\t{number}\t{name.Service}\n");
        foreach ((int number, MetricsName name) in upstreams)
            text.Append(CultureInfo.InvariantCulture, $"upstream\t{number}\t{name.Service}\t{name.Upstream}\n");
        return Encoding.UTF8.GetBytes(text.ToString());

        void Block(long offset, int stride, int columns, ImmutableArray<string> names) => text.Append(CultureInfo.InvariantCulture,
            $"block\t{offset}\t{stride}\t{columns}\t{layout.ColumnBytes}\t{string.Join(',', names)}\n");
    }

    /// <param name="text">What another process has written.</param>
    /// <param name="bytes">Of the memory that it speaks of: all that it names lies within.</param>
    /// <exception cref="FormatException">It cannot be understood; the message says why.</exception>
    public static MetricsIndex Parse(ReadOnlySpan<byte> text, long bytes)
    {
        string[] lines = Encoding.UTF8.GetString(text).Split('\n');
        if (lines[0] != FirstLine) throw new FormatException("its first line is another");
        List<BlockPlace> blocks = [];
        List<(int, MetricsName)> services = [], upstreams = [];
        foreach (string line in lines.Skip(1))
        {
            switch (line.Split('\t'))
            {
                case ["block", var offset, var stride, var columns, var columnBytes, var names]:
                    blocks.Add(new BlockPlace(Number(offset), Number(stride), Place(columns), Number(columnBytes), [.. names.Split(',')]));
                    break;
                case ["service", var number, var name]:
                    services.Add((Place(number), new MetricsName(name)));
                    break;
                case ["upstream", var number, var service, var name]:
                    upstreams.Add((Place(number), new MetricsName(service, name)));
                    break;
            }
        }
        if (blocks.Count < 4) throw new FormatException($"it names {blocks.Count} kinds of blocks, expected 4");
        long servicesMax = services.Max(s => (long?)s.Item1) ?? 0, upstreamsMax = upstreams.Max(u => (long?)u.Item1) ?? 0;
        long[] numbersMax = [0, servicesMax, upstreamsMax, upstreamsMax];
        for (int i = 0; i < numbersMax.Length; i++)
        {
            if (!blocks[i].LiesWithin(bytes, numbersMax[i])) throw new FormatException($"blocks of kind {i} lie outside of the memory");
        }
        return new MetricsIndex([.. blocks], [.. services], [.. upstreams]);
    }

    /// <summary>A number of a name or of columns. One that does not fit would lead to another place.</summary>
    private static int Place(string text) =>
        Number(text) is <= int.MaxValue and var number ? (int)number : throw new FormatException($"{text} is too large for a number");

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= 1L << 40
        ? value
        : throw new FormatException($"\"{text}\" is no number");
}

/// <summary>Where the blocks of a kind lie, and what their longs are called. Immutable.</summary>
/// <param name="Offset">Of the first one, in the first column.</param>
/// <param name="Stride">From one to the next in a column.</param>
/// <param name="Columns">How many columns there are.</param>
/// <param name="ColumnBytes">From one column to the next.</param>
/// <param name="Names">One for each long.</param>
internal sealed record BlockPlace(long Offset, long Stride, int Columns, long ColumnBytes, ImmutableArray<string> Names)
{
    /// <summary>Columns of the largest process: more loops than there can be.</summary>
    private const int ColumnsMax = 1024;

    public bool LiesWithin(long bytes, long numberMax) =>
        Columns is > 0 and <= ColumnsMax && Stride >= Names.Length * sizeof(long) && Offset % sizeof(long) == 0
        && Stride % sizeof(long) == 0 && ColumnBytes % sizeof(long) == 0
        // Each of them may be so large that a product of two wraps around.
        && Offset + (Int128)(Columns - 1) * ColumnBytes + (Int128)(numberMax + 1) * Stride <= bytes;

    /// <summary>For each of its longs the place of the one of the same name; -1: there is none.</summary>
    public ImmutableArray<int> MapTo(ImmutableArray<string> own)
    {
        Dictionary<string, int> places = own.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i, StringComparer.Ordinal);
        return [.. Names.Select(name => places.GetValueOrDefault(name, -1))];
    }
}
