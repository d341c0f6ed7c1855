using System.Globalization;
using System.Text;

/// <summary>
/// Loaded into the program under measurement by DOTNET_STARTUP_HOOKS, so that the program itself need not be changed for it, and any older
/// revision of it can be asked too. Each line on standard input is answered by one on standard output: the managed bytes that the whole
/// process has allocated since its start, exactly, and how many collections there were. A thread of its own.
/// </summary>
/// <remarks>The runtime looks for this name, without a namespace.</remarks>
internal static class StartupHook
{
    public static void Initialize() => new Thread(Answer) { IsBackground = true, Name = "allocation probe" }.Start();

    private static void Answer()
    {
        // The bare streams: the console's own readers would start more than this thread.
        using Stream questions = Console.OpenStandardInput();
        using Stream answers = Console.OpenStandardOutput();
        while (questions.ReadByte() is var character and >= 0)
        {
            if (character != '\n') continue;
            string text = string.Create(CultureInfo.InvariantCulture,
                $"allocated {GC.GetTotalAllocatedBytes(precise: true)} collections {GC.CollectionCount(0)}\n");
            answers.Write(Encoding.ASCII.GetBytes(text));
            answers.Flush();
        }
    }
}
