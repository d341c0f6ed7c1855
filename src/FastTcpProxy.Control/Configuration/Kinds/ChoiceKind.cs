using System.Collections.ObjectModel;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>One of a few words, each with what it means. Immutable, any thread.</summary>
internal sealed class ChoiceKind<T>(params (string Word, T Value, string Meaning)[] choices) : TextKind<T>
    where T : struct
{
    /// <summary>What is said of words that other programs use in this place: each a sentence without its end.</summary>
    public IReadOnlyDictionary<string, string> Foreign { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    public override string Expected => Wording.Choice([.. choices.Select(choice => choice.Word)]);

    public override T Fallback => choices[0].Value;

    public override bool TryParse(string text, out T value, out ValueFault fault)
    {
        int index = Array.FindIndex(choices, choice => choice.Word == text);
        value = index < 0 ? Fallback : choices[index].Value;
        fault = new ValueFault(ConfigurationCodes.NotAChoice, index < 0 ? Hint(text) : null);
        return index >= 0;
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        base.WriteSchema(writer);
        writer.WriteStartArray("enum");
        foreach ((string word, _, _) in choices)
            writer.WriteStringValue(word);
        writer.WriteEndArray();
        writer.WriteStartArray("enumDescriptions");
        foreach ((_, _, string meaning) in choices)
            writer.WriteStringValue(meaning);
        writer.WriteEndArray();
    }

    private string? Hint(string text) => Foreign.TryGetValue(text, out string? hint) ? hint
        : Nearest(text) is { } nearest ? $"did you mean \"{nearest}\"?" : null;

    /// <summary>The word that was meant: one that is spelled like it, or the only one that has it as a part, or is a part of it.</summary>
    private string? Nearest(string text)
    {
        string[] words = [.. choices.Select(choice => choice.Word)];
        if (Spelling.Nearest(text, words) is { } nearest) return nearest;
        string[] parts = text.Length < 2 ? [] : [.. words.Where(word => word.Contains(text, StringComparison.OrdinalIgnoreCase)
            || text.Contains(word, StringComparison.OrdinalIgnoreCase))];
        return parts.Length == 1 ? parts[0] : null;
    }

    protected override string Format(T value) =>
        Array.Find(choices, choice => EqualityComparer<T>.Default.Equals(choice.Value, value)).Word;
}
