using System.Collections.Immutable;
using System.Text.RegularExpressions;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// What an answer must contain: a text, bytes after <c>hex:</c>, or a regular expression between slashes; an empty text is nothing.
/// Immutable, any thread.
/// </summary>
internal sealed class ContentPatternKind : TextKind<ContentPattern?>
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    public override string Expected =>
        "a text, a regular expression such as \"/^OK/\" or \"/^ok/i\", or bytes as \"hex:0d0a\", of at most "
        + $"{ConfigurationLimits.PatternLengthMax} bytes";

    protected override bool IsFreeText => true;

    public override ContentPattern? Fallback => null;

    protected override string? Pattern => $@"^(/[\s\S]{{1,{ConfigurationLimits.PatternLengthMax}}}/i?|"
        + $"{Patterns.Bytes(ConfigurationLimits.PatternLengthMax, notAtStart: "hex:|/")})$";

    /// <summary>
    /// An expression that many upstreams inherit is made once: that costs a thousand times what reading any other value does.
    /// </summary>
    public override bool TryRead(ConfigurationNode node, BindingContext context, out ContentPattern? value)
    {
        if (node.Kind == NodeKind.Text && context.Expressions.TryGetValue(node.Text, out value))
            return true;
        bool read = base.TryRead(node, context, out value);
        if (value?.Expression is not null)
            context.Expressions[node.Text] = value;
        return read;
    }

    public override bool TryParse(string text, out ContentPattern? value, out ValueFault fault)
    {
        value = null;
        fault = default;
        if (text.Length == 0)
            return true;
        return text[0] == '/' ? TryParseExpression(text, out value, out fault) : TryParseBytes(text, out value, out fault);
    }

    private static bool TryParseBytes(string text, out ContentPattern? value, out ValueFault fault)
    {
        string? why = BytesText.Parse(text, out ImmutableArray<byte> bytes);
        value = new ContentPattern(text, bytes, null);
        fault = bytes.Length > ConfigurationLimits.PatternLengthMax
            ? ValueFault.OutOfRange($"it has {Counted.Of(bytes.Length, "byte")}")
            : ValueFault.Malformed(why);
        return fault.Why is null;
    }

    private static bool TryParseExpression(string text, out ContentPattern? value, out ValueFault fault)
    {
        value = null;
        int end = text.LastIndexOf('/');
        string flags = text[(end + 1)..];
        string expression = end == 0 ? "" : text[1..end];
        if (end == 0)
            fault = ValueFault.Malformed(
                "a regular expression ends with a slash too; a text that begins with one is written as \"hex:2f...\"");
        else if (flags is not ("" or "i"))
            fault = ValueFault.Malformed($"after the last slash only i (ignore case) may follow, not {Wording.Quote(flags)}");
        else if (expression.Length == 0)
            fault = ValueFault.Malformed("the expression is empty");
        else if (expression.Length > ConfigurationLimits.PatternLengthMax)
            fault = ValueFault.OutOfRange($"the expression has {Counted.Of(expression.Length, "character")}");
        else
            return TryCompile(text, expression, flags == "i", out value, out fault);
        return false;
    }

    private static bool TryCompile(string text, string expression, bool ignoreCase, out ContentPattern? value, out ValueFault fault)
    {
        value = null;
        fault = default;
        RegexOptions options = ignoreCase ? Options | RegexOptions.IgnoreCase : Options;
        try
        {
            value = new ContentPattern(text, [], new Regex(expression, options, ConfigurationLimits.PatternTimeMax));
            return true;
        }
        catch (RegexParseException invalid)
        {
            string what = Words(invalid.Error.ToString());
            fault = ValueFault.Malformed($"the expression is invalid at its character {invalid.Offset + 1}: {what}");
        }
        catch (NotSupportedException)
        {
            fault = ValueFault.Malformed(
                "the expression cannot be matched in linear time: it has a backreference, a lookaround, an atomic group or a condition, "
                + "or repeats too much");
        }
        return false;
    }

    /// <summary>The name of an error as words: the platform's sentences repeat the expression, and are not there in every build.</summary>
    private static string Words(string name) =>
        string.Concat(name.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i == 0 ? "" : " ") + char.ToLowerInvariant(c) : c.ToString()));
}
