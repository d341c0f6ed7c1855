namespace FastTcpProxy.Daemon.Demo;

/// <summary>
/// Reads the lines that are typed into the demo, with editing and a history where the terminal can move its cursor. Lines that are printed
/// meanwhile stand above the one that is typed. No library that edits lines prints above the line. The main thread reads; any thread
/// prints. Every write holds the lock.
/// </summary>
internal sealed class DemoInput(TextReader input, TextWriter output)
{
    private const string Prompt = "> ";

    /// <summary>Columns of a terminal that does not say how many it has.</summary>
    private const int ColumnsDefault = 80;

    private readonly Lock _lock = new();
    private readonly LineBuffer _line = new();

    /// <summary>The cursor stands behind a prompt. Under the lock.</summary>
    private bool _prompting;

    /// <summary>Waits for a line; null: there are no more.</summary>
    public string? Read()
    {
        lock (_lock)
        {
            _prompting = true;
            Draw();
        }
        string? line = DemoText.Steerable ? Edit() : input.ReadLine();
        lock (_lock) _prompting = false;
        return line;
    }

    /// <summary>Prints lines, and the one that is being typed below them.</summary>
    public void Print(string text)
    {
        lock (_lock)
        {
            if (_prompting) output.Write(DemoText.LeavePrompt);
            output.Write(text + "\n");
            if (_prompting) Draw();
            else output.Flush();
        }
    }

    private string? Edit()
    {
        while (true)
        {
            LineKey pressed = _line.Press(Console.ReadKey(intercept: true));
            lock (_lock)
            {
                if (pressed == LineKey.Nothing) continue;
                if (pressed == LineKey.Clear) output.Write("\e[H\e[2J");
                Draw();
                if (pressed is LineKey.Enter or LineKey.End)
                {
                    output.Write("\n");
                    output.Flush();
                    return pressed == LineKey.End ? null : _line.Take();
                }
            }
        }
    }

    private void Draw()
    {
        if (DemoText.Steerable)
        {
            int columns = Console.WindowWidth > 0 ? Console.WindowWidth : ColumnsDefault;
            (string text, int cursor) = _line.Window(Math.Max(1, columns - Prompt.Length - 1));
            output.Write($"\r\e[K{Prompt}{text}\r\e[{Prompt.Length + cursor}C");
        }
        else
        {
            output.Write(Prompt);
        }
        output.Flush();
    }
}
