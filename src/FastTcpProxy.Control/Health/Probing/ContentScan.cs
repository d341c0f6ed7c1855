using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// Searches for a pattern in content while it arrives, over its first <see cref="ProbeLimits.ContentBytesMax"/> bytes. One task at a time;
/// it owns its buffers until it is disposed of.
/// </summary>
/// <remarks>
/// Its work is linear in the received bytes, however finely they are split. Bytes are searched once, and an expression runs on the bytes so
/// far only as <see cref="ProbeLimits.EagerMatchCharsMax"/> allows, and once at the end.
/// </remarks>
internal sealed class ContentScan(ContentPattern pattern) : IDisposable
{
    private const int FirstBufferLength = 4096;

    /// <summary>All that looks beyond a match with NonBacktracking: the anchors of the end, and word boundaries.</summary>
    private readonly bool _looksAhead = pattern.Expression is not null && LooksAhead(pattern.Expression.ToString());

    private readonly Decoder? _decoder = pattern.Expression is null ? null : Encoding.UTF8.GetDecoder();
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstBufferLength);
    private char[] _chars = [];
    private int _length;
    private int _charCount;
    private int _matchedAt;
    private int _matchedChars;

    /// <summary>Whether everything that is searched has arrived.</summary>
    public bool IsFull => _length == ProbeLimits.ContentBytesMax;

    /// <summary>The characters that an expression has gone over while content came.</summary>
    internal int MatchedChars => _matchedChars;

    /// <summary>What came so far; until the next <see cref="Free"/>.</summary>
    public ReadOnlySpan<byte> Seen => _bytes.AsSpan(0, _length);

    /// <summary>Where the next bytes go; never empty unless it is full.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (_length == _bytes.Length && !IsFull)
            {
                byte[] bigger = ArrayPool<byte>.Shared.Rent(_length * 2);
                Seen.CopyTo(bigger);
                ArrayPool<byte>.Shared.Return(_bytes);
                _bytes = bigger;
            }
            // The pool may have lent more.
            return _bytes.AsMemory(_length, Math.Min(_bytes.Length, ProbeLimits.ContentBytesMax) - _length);
        }
    }

    /// <summary>
    /// Takes the bytes that were written to the beginning of <see cref="Free"/>; true when the pattern is found, whatever follows.
    /// </summary>
    public bool Take(int count)
    {
        // What was searched before, and the beginning of a match that ended there.
        int from = Math.Max(0, _length - (pattern.Bytes.Length - 1));
        _length += count;
        if (_decoder is null) return _bytes.AsSpan(from, _length - from).IndexOf(pattern.Bytes.AsSpan()) >= 0;
        Decode(_bytes.AsSpan(_length - count, count), isEnd: false);
        if (_charCount < 2 * _matchedAt && _matchedChars + _charCount > ProbeLimits.EagerMatchCharsMax) return false;
        return MatchesWhateverFollows();
    }

    /// <summary>The answer of <see cref="Take"/> for everything that has arrived; for the moment when the time has passed.</summary>
    public bool HasMatch() => _decoder is not null && _matchedAt < _charCount && MatchesWhateverFollows();

    /// <summary>Whether the received content matches, now that no more is searched.</summary>
    public bool Complete()
    {
        if (_decoder is null) return false;
        Decode([], isEnd: true);
        return pattern.Expression!.IsMatch(_chars.AsSpan(0, _charCount));
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        if (_chars.Length > 0) ArrayPool<char>.Shared.Return(_chars);
        _bytes = [];
        _chars = [];
        _length = 0;
        _charCount = 0;
    }

    /// <summary>
    /// Whether there is a match that stays one. With an anchor at the end or a word boundary it is one that ends two characters or more
    /// before the end of what there is: $ can hold nearer to it (also before a last line feed), and a word boundary has seen both its
    /// sides.
    /// </summary>
    private bool MatchesWhateverFollows()
    {
        _matchedAt = _charCount;
        _matchedChars += _charCount;
        foreach (ValueMatch match in pattern.Expression!.EnumerateMatches(_chars.AsSpan(0, _charCount)))
            return !_looksAhead || match.Index + match.Length <= _charCount - 2;
        return false;
    }

    private static bool LooksAhead(string expression) => expression.Contains('$')
        || expression.Contains(@"\b", StringComparison.Ordinal) || expression.Contains(@"\B", StringComparison.Ordinal)
        || expression.Contains(@"\z", StringComparison.Ordinal) || expression.Contains(@"\Z", StringComparison.Ordinal);

    private void Decode(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        // No byte makes more than one UTF-16 unit, and the decoder may still hold three.
        int most = _charCount + bytes.Length + 3;
        if (most > _chars.Length)
        {
            char[] bigger = ArrayPool<char>.Shared.Rent(Math.Max(most, Math.Min(_chars.Length * 2, ProbeLimits.ContentBytesMax + 3)));
            _chars.AsSpan(0, _charCount).CopyTo(bigger);
            if (_chars.Length > 0) ArrayPool<char>.Shared.Return(_chars);
            _chars = bigger;
        }
        _charCount += _decoder!.GetChars(bytes, _chars.AsSpan(_charCount), isEnd);
    }
}
