using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Reads the headers that requests to a collector carry: lines of a name, a colon and a value, in a file that only its owner may use, since
/// they are secrets. Stateless, any thread but never a loop: it reads a disk.
/// </summary>
internal static class HeadersFile
{
    /// <summary>What servers take of all headers by default.</summary>
    public const int BytesMax = 8 * 1024;

    /// <summary>Lines with a header.</summary>
    public const int HeadersMax = 32;

    /// <summary>The headers; or why there are none.</summary>
    /// <param name="check">What is wrong with a name and its value, or null.</param>
    public static bool TryRead(string path, Func<string, string, string?> check, out ImmutableArray<OtlpHeader> headers,
        [NotNullWhen(false)] out string? why)
    {
        headers = [];
        byte[]? bytes = RegularFile.TryRead(path, BytesMax, out ValueFault fault, AdminTokenFile.Refusal);
        if (bytes is null)
        {
            why = fault.Why!;
            return false;
        }
        ImmutableArray<OtlpHeader>.Builder read = ImmutableArray.CreateBuilder<OtlpHeader>();
        why = null;
        string[] lines = Encoding.Latin1.GetString(bytes).Split('\n');
        for (int i = 0; i < lines.Length && why is null; i++)
        {
            string line = lines[i].TrimEnd('\r');
            if (line.Length == 0) continue;
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            (string name, string value) = colon < 0 ? (line, "") : (line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
            // The line is not quoted: it may be a secret.
            if ((colon < 0 ? "it has no colon" : check(name, value)) is { } wrong) why = $"line {i + 1}: {wrong}";
            read.Add(new OtlpHeader(name, value));
        }
        if (why is null && read.Count > HeadersMax) why = $"it has {Counted.Of(read.Count, "header")}";
        headers = read.ToImmutable();
        return why is null;
    }
}
