using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Turns byte offsets into positions. It only moves forward, so that all positions of a file cost one pass over it, even when the file is
/// one long line. Lives on one stack; borrows the bytes.
/// </summary>
internal ref struct PositionCursor(ReadOnlySpan<byte> utf8)
{
    private readonly ReadOnlySpan<byte> _utf8 = utf8;
    private int _offset;
    private int _line = 1;
    private int _column = 1;

    /// <summary>The position of the byte at <paramref name="offset"/>, which must not lie before the one asked for last.</summary>
    public Position MoveTo(int offset)
    {
        for (; _offset < offset && _offset < _utf8.Length; _offset++)
        {
            byte unit = _utf8[_offset];
            if (unit == (byte)'\n')
            {
                _line++;
                _column = 1;
            }
            else if ((unit & 0xC0) != 0x80)
            {
                // Every byte that does not continue a UTF-8 sequence begins a character.
                _column++;
            }
        }
        return new Position(_line, _column);
    }
}
