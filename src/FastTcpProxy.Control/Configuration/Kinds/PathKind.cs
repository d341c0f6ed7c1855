using System.Text;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>An absolute path: the daemon's working directory is not the operator's. Immutable, any thread.</summary>
/// <param name="bytesMax">The longest path in bytes of UTF-8.</param>
internal sealed class PathKind(int bytesMax) : TextKind<string?>
{
    public override string Expected => $"an absolute path of at most {bytesMax} bytes";

    public override string? Fallback => null;

    protected override string? Pattern => $"^{Patterns.Path(bytesMax)}$";

    public override bool TryParse(string text, out string? value, out ValueFault fault)
    {
        value = text;
        string? why = Refusal(text, bytesMax);
        fault = ValueFault.Malformed(why);
        return why is null;
    }

    /// <summary>What is wrong with a path, or null.</summary>
    public static string? Refusal(string path, int bytesMax)
    {
        if (!path.StartsWith('/'))
            return "the path is not absolute";
        if (path.Any(char.IsControl))
            return "the path contains a control character";
        if (path.EndsWith('/') && path.Length == 1)
            return "the path names the root directory";
        int bytes = Encoding.UTF8.GetByteCount(path);
        return bytes > bytesMax ? $"the path has {Counted.Of(bytes, "byte")}, at most {bytesMax} fit" : null;
    }
}
