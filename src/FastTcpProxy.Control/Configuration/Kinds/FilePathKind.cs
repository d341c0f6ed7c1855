using System.Text;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// The path of a file that is read when the configuration is; a relative one begins at the configuration's folder. Immutable, any thread.
/// </summary>
internal sealed class FilePathKind : TextKind<string?>
{
    public override string Expected =>
        $"the path of a file, absolute or from the configuration's folder, of at most {ConfigurationLimits.PathBytesMax} bytes";

    public override string? Fallback => null;

    protected override string? Pattern => $"^{Patterns.NoControl}{{1,{ConfigurationLimits.PathBytesMax}}}$";

    public override bool TryParse(string text, out string? value, out ValueFault fault)
    {
        value = text;
        int bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > ConfigurationLimits.PathBytesMax)
            fault = ValueFault.OutOfRange($"it has {Counted.Of(bytes, "byte")}");
        else if (text.Length == 0)
            fault = ValueFault.Malformed("a path must not be empty");
        else
            fault = ValueFault.Malformed(text.Any(char.IsControl) ? "the path contains a control character" : null);
        return fault.Why is null;
    }
}
