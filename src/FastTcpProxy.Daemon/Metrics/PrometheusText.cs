using System.Buffers;
using System.Buffers.Text;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// Writes samples in the Prometheus text format, version 0.0.4, into a buffer of the array pool. One thread at a time; it owns the buffer,
/// and its user takes what is written out of it before it grows large.
/// </summary>
internal sealed class PrometheusText : ISampleSink, IDisposable
{
    /// <summary>The format, as scrapers know it.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>What it begins with: a piece, and the longest that one owner's samples add to one that is almost full.</summary>
    private const int BytesAtFirst = 64 * 1024;

    /// <summary>A number of at most 20 digits with a sign or a point; braces, commas, blank and line feed.</summary>
    private const int LineEndBytesMax = 32;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BytesAtFirst);
    private int _length;
    private MetricFamily _family = null!;

    /// <summary>What is written and not cleared.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>The first bytes have been taken.</summary>
    public void Drop(int bytes)
    {
        _buffer.AsSpan(bytes, _length - bytes).CopyTo(_buffer);
        _length -= bytes;
    }

    public void Begin(MetricFamily family)
    {
        _family = family;
        Reserve(family.HeadUtf8.Length);
        Append(family.HeadUtf8);
    }

    public void Add(LabelText owner, LabelText extra, long value)
    {
        BeginLine(default, owner, extra);
        EndLine(value);
    }

    public void AddMicroseconds(LabelText owner, LabelText extra, long us)
    {
        BeginLine(default, owner, extra);
        EndLineSeconds(us);
    }

    public void Add(LabelText owner, LabelText extra, in Histogram histogram)
    {
        HistogramBounds bounds = _family.Bounds;
        int start = _length;
        byte next = BeginLabels("_bucket"u8, owner, extra);
        _buffer[_length++] = next;
        int same = _length - start;
        long count = 0;
        int bucket = 0;
        for (int i = 0; i < bounds.Labels.Length; i++)
        {
            int end = i < bounds.Ends.Length ? bounds.Ends[i] : Histogram.Buckets;
            while (bucket < end) count += histogram[bucket++];
            ReadOnlySpan<byte> bound = bounds.Labels[i].Utf8;
            Reserve(same + bound.Length + LineEndBytesMax);
            // The lines differ in their bounds and counts alone.
            if (i > 0) Append(_buffer.AsSpan(start, same));
            Append(bound);
            Append("} "u8);
            EndLine(count);
        }
        BeginLine("_sum"u8, owner, extra);
        EndLineSeconds(histogram.SumUs);
        BeginLine("_count"u8, owner, extra);
        // Of the ranges that were read above, so that it is what +Inf says.
        EndLine(count);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <summary>Writes all up to the number, and makes room for it.</summary>
    private void BeginLine(ReadOnlySpan<byte> suffix, LabelText owner, LabelText extra)
    {
        if (BeginLabels(suffix, owner, extra) == (byte)',') _buffer[_length++] = (byte)'}';
        _buffer[_length++] = (byte)' ';
    }

    /// <summary>Writes the name and the labels, and makes room for the rest of the line.</summary>
    /// <returns>What stands before the next label.</returns>
    private byte BeginLabels(ReadOnlySpan<byte> suffix, LabelText owner, LabelText extra)
    {
        ReadOnlySpan<byte> name = _family.NameUtf8, first = owner.Utf8, second = extra.Utf8;
        Reserve(name.Length + suffix.Length + first.Length + second.Length + LineEndBytesMax);
        Append(name);
        Append(suffix);
        byte next = (byte)'{';
        AppendLabels(first, ref next);
        AppendLabels(second, ref next);
        return next;
    }

    private void AppendLabels(ReadOnlySpan<byte> labels, ref byte before)
    {
        if (labels.IsEmpty) return;
        _buffer[_length++] = before;
        Append(labels);
        before = (byte)',';
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer.AsSpan(_length));
        _length += text.Length;
    }

    private void EndLine(long value)
    {
        Append(value);
        _buffer[_length++] = (byte)'\n';
    }

    private void EndLineSeconds(long us)
    {
        AppendSeconds(us);
        _buffer[_length++] = (byte)'\n';
    }

    private void Append(long value)
    {
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_length), out int written);
        _length += written;
    }

    /// <summary>As a decimal number without an exponent, exact: a float would lose microseconds after some months.</summary>
    private void AppendSeconds(long us)
    {
        (long seconds, long rest) = Math.DivRem(us, 1_000_000);
        Append(seconds);
        if (rest == 0) return;
        _buffer[_length++] = (byte)'.';
        Utf8Formatter.TryFormat(rest, _buffer.AsSpan(_length), out int written, new StandardFormat('D', 6));
        _length += written;
        while (_buffer[_length - 1] == (byte)'0') _length--;
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length >= bytes) return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + bytes));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
