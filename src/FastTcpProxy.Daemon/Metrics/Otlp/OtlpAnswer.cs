using System.Text;

namespace FastTcpProxy.Daemon.Metrics.Otlp;

/// <summary>
/// Reads an ExportMetricsServiceResponse: how many points the collector has rejected, and why. It comes from outside, so what cannot be
/// read counts as nothing said. Pure.
/// </summary>
internal static class OtlpAnswer
{
    private const int PartialSuccess = 1, RejectedDataPoints = 1, ErrorMessage = 2;

    public static (long Rejected, string Message) Read(ReadOnlySpan<byte> message)
    {
        (long rejected, string text) = (0, "");
        while (TryField(ref message, out int field, out _, out ReadOnlySpan<byte> bytes))
        {
            if (field != PartialSuccess) continue;
            while (TryField(ref bytes, out int inner, out ulong number, out ReadOnlySpan<byte> content))
            {
                if (inner == RejectedDataPoints) rejected = (long)number;
                if (inner == ErrorMessage) text = Encoding.UTF8.GetString(content);
            }
        }
        return (rejected, text);
    }

    private static bool TryField(ref ReadOnlySpan<byte> rest, out int field, out ulong number, out ReadOnlySpan<byte> content)
    {
        field = 0;
        content = default;
        if (!TryVarint(ref rest, out number)) return false;
        (field, int type) = ((int)(number >> 3), (int)(number & 7));
        switch (type)
        {
            case 0:
                return TryVarint(ref rest, out number);
            case 2 when TryVarint(ref rest, out number) && number <= (ulong)rest.Length:
                content = rest[..(int)number];
                rest = rest[(int)number..];
                return true;
            case 1 or 5 when rest.Length >= (type == 1 ? 8 : 4):
                rest = rest[(type == 1 ? 8 : 4)..];
                return true;
            default:
                return false;
        }
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> rest, out ulong value)
    {
        value = 0;
        for (int i = 0; i < Math.Min(rest.Length, 10); i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] >= 0x80) continue;
            rest = rest[(i + 1)..];
            return true;
        }
        return false;
    }
}
