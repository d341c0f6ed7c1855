using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// The name of a service: it goes into log lines, metric labels and addresses of the administrative interface without escaping.
/// Immutable, any thread.
/// </summary>
internal sealed class NameKind : TextKind<string>
{
    public override string Expected => $"1 to {ConfigurationLimits.NameLengthMax} of the characters A-Z a-z 0-9 . _ -";

    public override string Fallback => "";

    protected override string? Pattern => $"^[A-Za-z0-9._-]{{1,{ConfigurationLimits.NameLengthMax}}}$";

    public override bool TryParse(string text, out string value, out ValueFault fault)
    {
        value = text;
        fault = text.Length > ConfigurationLimits.NameLengthMax
            ? ValueFault.OutOfRange($"it has {Counted.Of(text.Length, "character")}")
            : ValueFault.Malformed(text.Length == 0 ? "a name must not be empty" : null);
        return text.Length is > 0 and <= ConfigurationLimits.NameLengthMax && text.All(IsNameCharacter);
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
}
