using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>
/// What content must contain: either bytes, or a regular expression over its characters (bytes outside UTF-8 become U+FFFD). Immutable.
/// </summary>
/// <param name="Text">As the file writes it.</param>
/// <param name="Bytes">The bytes that occur somewhere; empty for an expression.</param>
/// <param name="Expression">
/// Made with <see cref="RegexOptions.NonBacktracking"/>: its time is linear in what it searches, whatever an origin sends. A search that
/// takes longer than <see cref="ConfigurationLimits.PatternTimeMax"/> throws <see cref="RegexMatchTimeoutException"/>.
/// </param>
public sealed record ContentPattern(string Text, ImmutableArray<byte> Bytes, Regex? Expression)
{
    /// <summary>Everything follows from the text.</summary>
    public bool Equals(ContentPattern? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
