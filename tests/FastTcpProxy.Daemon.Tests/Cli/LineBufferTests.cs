using FastTcpProxy.Daemon.Demo;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>Keys and what the line becomes.</summary>
public sealed class LineBufferTests
{
    /// <summary>Keys in angle brackets; "|" in the result is the cursor.</summary>
    [Theory]
    [InlineData("stop a", "stop a|")]
    [InlineData("stop x<Backspace>a", "stop a|")]
    [InlineData("<Backspace>a", "a|")]
    [InlineData("sop<Left><Left>t", "st|op")]
    [InlineData("<Left>a<Right><Right>b", "ab|")]
    [InlineData("top<Home>s", "s|top")]
    [InlineData("top<^A>s<^E>!", "stop!|")]
    [InlineData("stopp<Left><Delete>", "stop|")]
    [InlineData("stop<^B><^D>", "sto|")]
    [InlineData("stop a<^W>b", "stop b|")]
    [InlineData("stop a<^Left>x", "stop x|a")]
    [InlineData("stop a<Home><^Right>!", "stop!| a")]
    [InlineData("stop a<Left><^U>", "|a")]
    [InlineData("stop a<Left><^K>", "stop |")]
    [InlineData("<Up><Down>a", "a|")]
    [InlineData("one<Enter>two<Enter><Up>", "two|")]
    [InlineData("one<Enter>two<Enter><Up><Up><Up>", "one|")]
    [InlineData("one<Enter>two<Enter>thr<Up><Up><Down><Down>ee", "three|")]
    [InlineData("one<Enter>one<Enter><Enter><Up><Up>", "one|")]
    [InlineData("a<Tab><F1><Escape>b", "ab|")]
    [InlineData("日本<Backspace>a", "日a|")]
    [InlineData("😀<Backspace>a", "a|")]
    [InlineData("a😀b<Left><Left>x", "ax|😀b")]
    [InlineData("a😀b<Home><Right><Delete>", "a|b")]
    [InlineData("cafe\u0301s<Left><Left>x", "cafx|e\u0301s")]
    [InlineData("e\u0301<Backspace>", "|")]
    [InlineData("👩\u200d💻!<Left><Left>a", "a|👩\u200d💻!")]
    public void Press_EditsTheLine(string keys, string expected)
    {
        LineBuffer line = Type(keys);

        Assert.Equal(expected, line.Text.Insert(line.Cursor, "|"));
    }

    [Fact]
    public void Press_EndOfInput_IsTheEndOfAnEmptyLineOnly()
    {
        Assert.Equal(LineKey.End, new LineBuffer().Press(default));
        Assert.Equal(LineKey.End, new LineBuffer().Press(Key("^D")));
        Assert.Equal(LineKey.Edit, Type("a").Press(Key("^D")));
        Assert.Equal(LineKey.Clear, Type("a").Press(Key("^L")));
    }

    [Fact]
    public void Line_AtItsLimit_TakesNoMore()
    {
        LineBuffer line = Type(new string('a', LineBuffer.LengthMax));

        Assert.Equal(LineKey.Nothing, line.Press(Key("b")));
        Assert.Equal(LineBuffer.LengthMax, line.Text.Length);
    }

    [Fact]
    public void Line_OneUnitBelowItsLimit_TakesNoHalfOfACharacter()
    {
        LineBuffer line = Type(new string('a', LineBuffer.LengthMax - 1) + "😀");

        Assert.Equal(LineBuffer.LengthMax - 1, line.Text.Length);
    }

    [Fact]
    public void History_AtItsLimit_ForgetsTheOldest()
    {
        LineBuffer line = new();
        for (int i = 0; i <= LineBuffer.HistoryMax; i++) Press(line, $"line {i}<Enter>");
        for (int i = 0; i <= LineBuffer.HistoryMax; i++) Press(line, "<Up>");

        Assert.Equal("line 1", line.Text);
    }

    [Theory]
    [InlineData("abc", 10, "abc", 3)]
    [InlineData("abcdefgh", 4, "fgh", 3)]
    [InlineData("abcdefgh<Home>", 4, "abcd", 0)]
    [InlineData("abcdefgh<Left><Left>", 4, "defg", 3)]
    [InlineData("日本語", 10, "日本語", 6)]
    [InlineData("日本語", 5, "本語", 4)]
    [InlineData("日本語<Home>", 5, "日本", 0)]
    [InlineData("a日本<Left>", 4, "a日", 3)]
    [InlineData("e\u0301te\u0301", 10, "e\u0301te\u0301", 3)]
    [InlineData("😀a", 10, "😀a", 3)]
    public void Window_ShowsTheCursor(string keys, int columns, string text, int cursor) =>
        Assert.Equal((text, cursor), Type(keys).Window(columns));

    private static LineBuffer Type(string keys)
    {
        LineBuffer line = new();
        Press(line, keys);
        return line;
    }

    private static void Press(LineBuffer line, string keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            string name = keys[i] == '<' ? keys[(i + 1)..keys.IndexOf('>', i)] : keys[i..(i + 1)];
            if (keys[i] == '<') i += name.Length + 1;
            if (line.Press(Key(name)) == LineKey.Enter) line.Take();
        }
    }

    private static ConsoleKeyInfo Key(string name)
    {
        bool control = name.Length > 1 && name[0] == '^';
        string key = control ? name[1..] : name;
        if (key.Length == 1 && !control) return new ConsoleKeyInfo(key[0], ConsoleKey.None, false, false, false);
        string full = key is "Left" or "Right" or "Up" or "Down" ? key + "Arrow" : key;
        return new ConsoleKeyInfo(key.Length == 1 ? (char)(key[0] & 31) : '\0', Enum.Parse<ConsoleKey>(full), false, false, control);
    }
}
