using System.Globalization;
using System.Text;

namespace FastTcpProxy.Daemon.Tests.Metrics;

/// <summary>
/// Reads an ExportMetricsServiceRequest by the definitions of OTLP, written anew, into the series that a Prometheus page has for the same
/// counts. Fails at what does not belong there. Immutable.
/// </summary>
internal sealed class OtlpText
{
    private readonly Dictionary<string, double> _series = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, double> Series => _series;

    public Dictionary<string, string> Resource { get; } = [];

    /// <summary>Adds the content of a request.</summary>
    public void Read(ReadOnlyMemory<byte> request)
    {
        foreach (Field resource in Fields(request))
        {
            Assert.Equal(1, resource.Number);
            foreach (Field part in Fields(resource.Bytes))
            {
                if (part.Number == 1) foreach (Field attribute in Fields(part.Bytes)) Add(Resource, attribute.Bytes);
                else foreach (Field metric in Fields(part.Bytes).Where(f => f.Number == 2)) ReadMetric(metric.Bytes);
            }
        }
    }

    private void ReadMetric(ReadOnlyMemory<byte> metric)
    {
        string name = "";
        foreach (Field field in Fields(metric))
        {
            if (field.Number == 1) name = Text(field.Bytes);
            if (field.Number is not (5 or 7 or 9)) continue;
            Field[] data = [.. Fields(field.Bytes)];
            // Cumulative, and monotonic where it is a sum.
            if (field.Number != 5) Assert.Equal(2L, data.Single(d => d.Number == 2).Value);
            if (field.Number == 7) Assert.Equal(1L, data.Single(d => d.Number == 3).Value);
            Field[] points = [.. data.Where(d => d.Number == 1)];
            Assert.NotEmpty(points);
            foreach (Field point in points)
            {
                if (field.Number == 9) ReadHistogram(name, point.Bytes);
                else ReadNumber(name, point.Bytes);
            }
        }
    }

    private void ReadNumber(string name, ReadOnlyMemory<byte> point)
    {
        Dictionary<string, string> labels = [];
        double value = double.NaN;
        foreach (Field field in Fields(point))
        {
            if (field.Number == 7) Add(labels, field.Bytes);
            if (field.Number == 4) value = BitConverter.Int64BitsToDouble(field.Value);
            if (field.Number == 6) value = field.Value;
        }
        Add(name, labels, value);
    }

    private void ReadHistogram(string name, ReadOnlyMemory<byte> point)
    {
        Dictionary<string, string> labels = [];
        long[] counts = [];
        double[] bounds = [];
        (long count, double sum) = (0, 0);
        foreach (Field field in Fields(point))
        {
            if (field.Number == 9) Add(labels, field.Bytes);
            if (field.Number == 4) count = field.Value;
            if (field.Number == 5) sum = BitConverter.Int64BitsToDouble(field.Value);
            if (field.Number == 6) counts = Longs(field.Bytes);
            if (field.Number == 7) bounds = [.. Longs(field.Bytes).Select(BitConverter.Int64BitsToDouble)];
        }
        Assert.Equal(bounds.Length + 1, counts.Length);
        Assert.Equal(count, counts.Sum());
        Add(name + "_sum", labels, sum);
        Add(name + "_count", labels, count);
        for (int i = 0; i < counts.Length; i++)
        {
            labels["le"] = i < bounds.Length ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            Add(name + "_bucket", labels, counts[..(i + 1)].Sum());
        }
    }

    private void Add(string name, Dictionary<string, string> labels, double value) =>
        _series.Add($"{name}{{{string.Join(',', labels.OrderBy(l => l.Key).Select(l => $"{l.Key}={l.Value}"))}}}", value);

    private static void Add(Dictionary<string, string> labels, ReadOnlyMemory<byte> attribute)
    {
        Field[] pair = [.. Fields(attribute)];
        labels.Add(Text(pair[0].Bytes), Text(Fields(pair[1].Bytes).Single().Bytes));
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static long[] Longs(ReadOnlyMemory<byte> bytes) =>
        [.. Enumerable.Range(0, bytes.Length / 8).Select(i => BitConverter.ToInt64(bytes.Span[(8 * i)..]))];

    private static IEnumerable<Field> Fields(ReadOnlyMemory<byte> message)
    {
        for (int at = 0; at < message.Length;)
        {
            long key = Varint(message, ref at);
            int number = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    yield return new Field(number, Varint(message, ref at), default);
                    break;
                case 1:
                    yield return new Field(number, BitConverter.ToInt64(message.Span[at..]), default);
                    at += 8;
                    break;
                case 2:
                    int length = (int)Varint(message, ref at);
                    yield return new Field(number, 0, message.Slice(at, length));
                    at += length;
                    break;
                default:
                    throw new InvalidDataException($"wire type {key & 7}");
            }
        }
    }

    private static long Varint(ReadOnlyMemory<byte> message, ref int at)
    {
        long value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = message.Span[at++];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }

    private readonly record struct Field(int Number, long Value, ReadOnlyMemory<byte> Bytes);
}
