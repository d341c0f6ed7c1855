using System.Globalization;

namespace FastTcpProxy.Control.Texts;

/// <summary>Amounts of bytes as people write them. Pure, any thread.</summary>
public static class ByteText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Three digits or four, and the unit: "0 B", "1023 B", "1.0 KiB", "312 MiB".</summary>
    public static string Of(long bytes)
    {
        double value = bytes;
        int unit = 0;
        // A value that would be rounded up to the next unit is written in it.
        while (value >= (unit == 0 ? 1024 : 1023.5))
        {
            value /= 1024;
            unit++;
        }
        string format = unit > 0 && value < 9.95 ? "0.0" : "0";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }
}
