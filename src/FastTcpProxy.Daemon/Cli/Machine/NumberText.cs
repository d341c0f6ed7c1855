using System.Globalization;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>Numbers as the kernel and systemd write them, and as people read them. Pure, any thread.</summary>
internal static class NumberText
{
    /// <summary>A number, or the greatest one for "max", "unlimited" and "infinity".</summary>
    public static long OrMax(string text) => TryRead(text, out long value) ? value : long.MaxValue;

    /// <summary>A whole number, also with a suffix K, M, G or T of 1024 (systemd.syntax(7)).</summary>
    public static bool TryRead(string text, out long value)
    {
        text = text.Trim();
        int shift = text.Length == 0 ? 0 : text[^1] switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        bool isNumber = long.TryParse(shift > 0 ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        if (isNumber && shift > 0) value = value > long.MaxValue >> shift ? long.MaxValue : value << shift;
        return isNumber;
    }

    /// <summary>"512 MiB".</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 10L << 30 => Text(bytes >> 30, "GiB"),
        >= 10L << 20 => Text(bytes >> 20, "MiB"),
        >= 10L << 10 => Text(bytes >> 10, "KiB"),
        _ => Text(bytes, "B"),
    };

    private static string Text(long value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{value} {unit}");
}
