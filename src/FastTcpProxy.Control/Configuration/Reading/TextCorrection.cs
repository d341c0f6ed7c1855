using System.Text.RegularExpressions;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Syntax;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Finds out what was meant by a text that is not a value: it removes what operators have in their texts by mistake, step by step, until
/// the text is one. A value itself.
/// </summary>
/// <param name="Why">What is wrong with the text; null when it is none of the known mistakes.</param>
/// <param name="Text">The value that was meant; null when it cannot be told.</param>
/// <param name="Other">A second value that may have been meant; most often null.</param>
internal readonly partial record struct TextCorrection(string? Why, string? Text, string? Other = null)
{
    private static readonly TextCorrection Substitution = new("variables are not substituted in this file", null)
    {
        Advice = "write the value itself, or fill the file in before, for example with envsubst",
    };

    private static readonly (Func<string, string> Why, Func<string, string> Apply)[] Steps =
    [
        (DescribeLookAlike, text => LookAlikes.First(text) is null ? text : LookAlikes.Replace(text).Trim()),
        (text => char.IsWhiteSpace(text[0]) ? "it begins with a space" : "it ends with a space", text => text.Trim()),
        (_ => "it has quotes of its own", text => text.Trim('\'', '"', '`')),
        (text => $"an address is written without \"{Scheme().Match(text).Value}\"", WithoutScheme),
        (_ => "the path of a UNIX socket begins with \"unix:\" here", WithUnix),
        (_ => "it contains a space", text => Space().Replace(text, "")),
        (_ => "the units are ms, s, m, h and d", WithUnit),
        (_ => "the word is written in small letters", text => text.ToLowerInvariant()),
    ];

    /// <summary>What else to do; null where the value says it, or nothing is known.</summary>
    public string? Advice { get; init; }

    /// <param name="text">What the file has.</param>
    /// <param name="isValue">Whether a text is a value; it is not for <paramref name="text"/>.</param>
    public static TextCorrection Of(string text, Predicate<string> isValue)
    {
        if (Variable().IsMatch(text)) return Substitution;
        string? why = null;
        string current = text;
        foreach ((Func<string, string> describe, Func<string, string> apply) in Steps)
        {
            string next = apply(current);
            if (next == current) continue;
            why = why is null ? describe(current) : $"{why}, and {describe(current)}";
            current = next;
            if (isValue(current)) return new TextCorrection(why, current);
        }
        // A character that cannot be seen is worth a word even where it is not the only mistake.
        return new TextCorrection(LookAlikes.First(text) is null ? null : DescribeLookAlike(text), null);
    }

    /// <summary>What is probably wrong with a text that is a value nevertheless, such as a path; null when nothing is.</summary>
    public static TextCorrection? Doubt(string text)
    {
        if (Variable().IsMatch(text)) return Substitution;
        (string? why, string advice) = text.Trim() != text ? (Steps[1].Why(text), "expected it without the space")
            : LookAlikes.First(text) is { } alike && LookAlikes.Meant(alike) is ' ' or LookAlikes.Nothing
                ? (DescribeLookAlike(text), LookAlikes.Advice(alike)) : (null, "");
        return why is null ? null : new TextCorrection(why, null) { Advice = advice };
    }

    private static string DescribeLookAlike(string text) =>
        $"it contains the character {LookAlikes.Describe(LookAlikes.First(text)!.Value)}";

    /// <summary>What to write, as the file has it; null when that is not known, too long for one line, or needs escapes.</summary>
    public string? Write() => Other is null ? Write(Text) : $"{Write(Text)} or {Write(Other)}";

    /// <summary>The text as the file has it; null for none, and for one that is too long or needs escapes.</summary>
    public static string? Write(string? text) =>
        text is not null && !text.Contains('"') && Wording.Quote(text) is var quoted && quoted == $"\"{text}\"" ? quoted : null;

    private static string WithoutScheme(string text)
    {
        Match scheme = Scheme().Match(text);
        if (!scheme.Success) return text;
        string rest = text[scheme.Length..];
        if (scheme.Value == "unix://") return "unix:" + rest;
        int path = rest.IndexOfAny(['/', '?']);
        string host = path < 0 ? rest : rest[..path];
        bool hasPort = host.LastIndexOf(':') > host.LastIndexOf(']');
        return hasPort ? host : scheme.Value switch { "http://" => host + ":80", "https://" => host + ":443", _ => host };
    }

    /// <summary>The prefix before a path alone, and in place of the one of HAProxy.</summary>
    private static string WithUnix(string text) => text.StartsWith('/') ? "unix:" + text
        : text.StartsWith("unix@", StringComparison.Ordinal) ? "unix:" + text["unix@".Length..] : text;

    private static string WithUnit(string text)
    {
        Match found = Duration().Match(text);
        if (!found.Success) return text;
        string unit = found.Groups[2].Value.ToUpperInvariant();
        string known = unit switch
        {
            "MS" or "MSEC" or "MSECS" or "MILLIS" or "MILLISECOND" or "MILLISECONDS" => "ms",
            "S" or "SEC" or "SECS" or "SECOND" or "SECONDS" => "s",
            "M" or "MIN" or "MINS" or "MINUTE" or "MINUTES" => "m",
            "H" or "HR" or "HRS" or "HOUR" or "HOURS" => "h",
            "D" or "DAY" or "DAYS" => "d",
            _ => found.Groups[2].Value,
        };
        return found.Groups[1].Value + known;
    }

    [GeneratedRegex(@"\$\{|\$[A-Za-z_]|%(?![0-9A-Fa-f]{2})[A-Za-z_][A-Za-z0-9_]*%|\{\{ |<%")]
    private static partial Regex Variable();

    /// <summary>Blanks between words are meant.</summary>
    [GeneratedRegex("(?<![A-Za-z]) +| +(?![A-Za-z])")]
    private static partial Regex Space();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]*://")]
    private static partial Regex Scheme();

    [GeneratedRegex("^([0-9]+)([A-Za-z]+)$")]
    private static partial Regex Duration();
}
