using System.Globalization;
using System.Text;
using Spectre.Console.Rendering;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>
/// A line that is being typed, its cursor, and the lines before it: what each key does, as in a shell. The cursor
/// moves over what a terminal shows as one character (a text element of Unicode), which may have several UTF-16 units. Pure; one thread.
/// </summary>
internal sealed class LineBuffer
{
    /// <summary>UTF-16 units of a line; more are not taken.</summary>
    public const int LengthMax = 256;

    /// <summary>Lines that are remembered; the oldest is forgotten.</summary>
    public const int HistoryMax = 100;

    private readonly StringBuilder _text = new();
    private readonly List<string> _history = [];

    /// <summary>Which line of the history is shown; as many as there are: the one that is typed.</summary>
    private int _shown;

    /// <summary>The first half of a character whose second one is the next key; otherwise nothing.</summary>
    private char _half;

    /// <summary>What was typed before the history was looked through.</summary>
    private string _typed = "";

    public string Text => _text.ToString();

    /// <summary>UTF-16 units before it.</summary>
    public int Cursor { get; private set; }

    public LineKey Press(ConsoleKeyInfo key)
    {
        // What a terminal gives at its end.
        if (key == default) return LineKey.End;
        if (key.Key == ConsoleKey.Enter || key.KeyChar is '\r' or '\n') return Finish();
        bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        switch (key.Key)
        {
            case ConsoleKey.D when control && _text.Length == 0:
                return LineKey.End;
            case ConsoleKey.L when control:
                return LineKey.Clear;
            case ConsoleKey.LeftArrow when control:
                Cursor = WordStart();
                break;
            case ConsoleKey.RightArrow when control:
                Cursor = WordEnd();
                break;
            case ConsoleKey.LeftArrow:
            case ConsoleKey.B when control:
                Cursor = Before(Cursor);
                break;
            case ConsoleKey.RightArrow:
            case ConsoleKey.F when control:
                Cursor = After(Cursor);
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when control:
                Cursor = 0;
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when control:
                Cursor = _text.Length;
                break;
            case ConsoleKey.UpArrow:
            case ConsoleKey.P when control:
                Show(_shown - 1);
                break;
            case ConsoleKey.DownArrow:
            case ConsoleKey.N when control:
                Show(_shown + 1);
                break;
            case ConsoleKey.W when control:
                Remove(WordStart(), Cursor);
                break;
            case ConsoleKey.U when control:
                Remove(0, Cursor);
                break;
            case ConsoleKey.K when control:
                Remove(Cursor, _text.Length);
                break;
            case ConsoleKey.Delete:
            case ConsoleKey.D when control:
                Remove(Cursor, After(Cursor));
                break;
            case ConsoleKey.Backspace:
            case ConsoleKey.H when control:
                Remove(Before(Cursor), Cursor);
                break;
            default:
                bool isCharacter = !control && !key.Modifiers.HasFlag(ConsoleModifiers.Alt) && !char.IsControl(key.KeyChar);
                return isCharacter && Insert(key.KeyChar) ? LineKey.Edit : LineKey.Nothing;
        }
        return LineKey.Edit;
    }

    /// <summary>The finished line, which is remembered; the next one begins.</summary>
    public string Take()
    {
        string line = Text;
        if (!string.IsNullOrWhiteSpace(line) && (_history.Count == 0 || _history[^1] != line)) _history.Add(line);
        if (_history.Count > HistoryMax) _history.RemoveAt(0);
        _text.Clear();
        Cursor = 0;
        _shown = _history.Count;
        return line;
    }

    /// <summary>The part of the line that fits, and the cursor's column in it.</summary>
    /// <param name="columns">At least one.</param>
    public (string Text, int Cursor) Window(int columns)
    {
        int start = Cursor, before = 0;
        for (int at; start > 0; start = at)
        {
            at = Before(start);
            int width = Width(Text[at..start]);
            if (before + width > columns - 1) break;
            before += width;
        }
        int end = Cursor, all = before;
        for (int at; end < _text.Length; end = at)
        {
            at = After(end);
            all += Width(Text[end..at]);
            if (all > columns) break;
        }
        return (Text[start..end], before);
    }

    /// <summary>Columns of what a terminal shows as one character: wide ones have two, and what combines with another adds none.</summary>
    private static int Width(string element) => Math.Min(new Segment(element).CellCount(), 2);

    /// <summary>Where the character before a place begins; 0 at the begin of the line.</summary>
    private int Before(int at) => StringInfo.ParseCombiningCharacters(Text).LastOrDefault(start => start < at);

    /// <summary>Where the character at a place ends.</summary>
    private int After(int at) => at + StringInfo.GetNextTextElementLength(Text, at);

    /// <summary>False: the line is full, or the character is not whole yet.</summary>
    private bool Insert(char unit)
    {
        string typed = char.IsLowSurrogate(unit) && _half != default ? $"{_half}{unit}" : unit.ToString();
        _half = char.IsHighSurrogate(unit) ? unit : default;
        if (!Rune.TryGetRuneAt(typed, 0, out _) || _text.Length + typed.Length > LengthMax) return false;
        _text.Insert(Cursor, typed);
        Cursor += typed.Length;
        return true;
    }

    private LineKey Finish()
    {
        Cursor = _text.Length;
        return LineKey.Enter;
    }

    private void Show(int line)
    {
        if (line < 0 || line > _history.Count) return;
        if (_shown == _history.Count) _typed = Text;
        _shown = line;
        _text.Clear().Append(line == _history.Count ? _typed : _history[line]);
        Cursor = _text.Length;
    }

    private void Remove(int start, int end)
    {
        _text.Remove(start, end - start);
        Cursor = start;
    }

    private int WordStart()
    {
        int at = Cursor;
        while (at > 0 && _text[at - 1] == ' ') at--;
        while (at > 0 && _text[at - 1] != ' ') at--;
        return at;
    }

    private int WordEnd()
    {
        int at = Cursor;
        while (at < _text.Length && _text[at] == ' ') at++;
        while (at < _text.Length && _text[at] != ' ') at++;
        return at;
    }
}

/// <summary>What follows from a key.</summary>
internal enum LineKey
{
    /// <summary>The key means nothing.</summary>
    Nothing,

    /// <summary>The line or its cursor is another.</summary>
    Edit,

    /// <summary>The line is finished.</summary>
    Enter,

    /// <summary>The screen is to be cleared.</summary>
    Clear,

    /// <summary>There are no more lines.</summary>
    End,
}
