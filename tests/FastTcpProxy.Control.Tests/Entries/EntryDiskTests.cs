using FastTcpProxy.Control.Entries;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Entries;

/// <summary>What is on the disk after any end of a process.</summary>
public sealed class EntryDiskTests : EntryBed
{
    [Fact]
    public void Entries_AreInForceAgainWithTheNextProcess_WithAllThatIsKnownOfThem()
    {
        EntryStore first = Open();
        DateTimeOffset end = first.Now.AddHours(1);
        Set(first, Deny("192.0.2.0/24", "s"), end, "spam \"x\" é");
        Set(first, Key("2001:db8::1", NetworkAction.Allow));
        Set(first, Deny("198.51.100.9"), first.Now.AddSeconds(10));
        Set(first, Deny("192.0.2.8"));
        first.Remove(Deny("192.0.2.8"));
        StoredEntry[] before = [.. first.List(new EntryFilter(), 0, 2).Entries];
        Tick();
        Time.Advance(TimeSpan.FromMinutes(2));

        EntryStore next = Open();

        Assert.Equal(before, next.List(new EntryFilter(), 0, 10).Entries.ToArray().AsEnumerable());
        Assert.Equal(NetworkAction.Deny, Says("192.0.2.7"));
        Assert.Equal(NetworkAction.Allow, Says("2001:db8::1"));
        Assert.Null(Says("198.51.100.9"));
        Assert.Equal(["restored 2"], Events);
        Assert.Null(next.Since(before[1].Revision, 10, out _));
        Time.Advance(TimeSpan.FromMinutes(58) + TimeSpan.FromSeconds(1));
        Assert.Null(Says("192.0.2.7"));
    }

    [Fact]
    public void Journal_CutAtAnyByte_LosesTheCutLineAlone()
    {
        EntryStore first = Open();
        for (int i = 0; i < 4; i++)
        {
            Set(first, Deny($"192.0.2.{i}"), reason: $"number {i}");
            Tick();
        }
        byte[] whole = File.ReadAllBytes(Journal);

        for (int length = 0; length <= whole.Length; length++)
        {
            using TempFolder folder = new("cut");
            File.WriteAllBytes(folder[EntryFiles.JournalName], whole[..length]);
            int lines = whole[..length].Count(b => b == '\n');
            bool isTorn = length > 0 && whole[length - 1] != '\n';
            Events.Clear();

            using EntryStore next = Open(folder: folder.Path);

            Assert.Equal([.. Enumerable.Range(0, lines).Select(i => $"deny 192.0.2.{i}")], Listed(next));
            Assert.Equal(isTorn, Events.Contains("left out entries.journal 1 tail"));
            // What is written next is not taken for the rest of the line.
            Set(next, Deny("198.51.100.1"));
            Tick();
            next.Dispose();
            Events.Clear();
            using EntryStore last = Open(folder: folder.Path);
            Assert.Equal(lines + 1, Listed(last).Length);
            Assert.Equal([$"restored {lines + 1}"], Events);
        }
    }

    [Fact]
    public void DamagedLines_AreLeftOutAndTold_AndTheOthersHold()
    {
        EntryStore first = Open();
        for (int i = 0; i < 5; i++) Set(first, Deny($"192.0.2.{i}"));
        first.Dispose();
        byte[] bytes = File.ReadAllBytes(Journal);
        bytes[Array.IndexOf(bytes, (byte)'\n') + 30] ^= 1;
        File.WriteAllBytes(Journal, bytes);

        EntryStore next = Open();

        Assert.Equal(["deny 192.0.2.0", "deny 192.0.2.2", "deny 192.0.2.3", "deny 192.0.2.4"], Listed(next));
        Assert.Equal(["left out entries.journal 1", "restored 4"], Events);
    }

    [Fact]
    public void Journal_ThatOutgrowsTheSnapshot_IsCompacted()
    {
        EntryStore first = Open();
        long largest = 0;
        for (int i = 0; i < 30_000; i++)
        {
            Set(first, Deny($"192.0.2.{i % 100}"), reason: new string('r', 100));
            if (i % 1_000 != 999) continue;
            Tick();
            largest = Math.Max(largest, new FileInfo(Journal).Length);
        }
        string[] listed = Listed(first);
        Assert.True(largest < 2 * EntryLimits.JournalBytesMin, $"{largest} bytes");
        Assert.True(File.Exists(Snapshot));

        EntryStore next = Open();

        Assert.Equal(listed, Listed(next));
    }

    [Fact]
    public void ChangesDuringACompaction_AreInTheJournalBehindIt()
    {
        EntryFiles files = new(Folder.Path);
        List<StoredEntry> entries = [.. Enumerable.Range(0, 5_000).Select(i =>
            new StoredEntry(Deny($"10.0.{i >> 8}.{i & 255}"), null, new string('x', 100), "a", EntryOrigin.File, Time.GetUtcNow(), i + 1))];
        files.Append(Line(entries[0]));
        int between = 0;
        StoredEntry later = entries[0] with { Key = Deny("192.0.2.1"), Revision = 5_001 };
        files.Compact(entries, 5_000, files.JournalBytes, () =>
        {
            if (between++ == 0) files.Append(Line(later));
        });
        files.Append(Line(later with { Key = Deny("192.0.2.2"), Revision = 5_002 }));
        files.Dispose();

        Assert.True(between > 0);
        Assert.Equal(2, File.ReadLines(Journal).Count());
        List<EntryChange> read = [];
        Assert.Empty(new EntryFiles(Folder.Path).Load(read.Add));
        Assert.Equal(5_003, read.Count);
    }

    [Fact]
    public void TakeOver_ReadsWhatTheEarlierProcessHasAnswered_AndOneOfThemWrites()
    {
        EntryStore earlier = Open();
        Set(earlier, Deny("192.0.2.1"));
        earlier.Release();
        EntryStore later = Open(released: true);

        Assert.Equal(["deny 192.0.2.1"], Listed(later));
        Assert.Equal(EntryError.NotStored, Set(earlier, Deny("192.0.2.2")).Error);
        Assert.Equal(EntryError.NotStored, Set(later, Deny("192.0.2.2")).Error);
        later.Reclaim();
        Assert.Equal(EntryError.None, Set(later, Deny("192.0.2.3")).Error);
        Tick();
        Assert.Equal(["deny 192.0.2.1", "deny 192.0.2.3"], Listed(Open()));
    }

    [Fact]
    public void FilesThatCannotBeRead_AreNotOverwritten_AndReadWhenTheyCanBe()
    {
        Open().Dispose();
        Directory.CreateDirectory(Journal + ".d");
        File.CreateSymbolicLink(Journal, Journal + ".d");

        EntryStore store = Open();
        EntryOutcome refused = Set(store, Deny("192.0.2.1"));

        Assert.Equal(EntryError.NotStored, refused.Error);
        Assert.StartsWith("not read: ", Assert.Single(Events));
        Assert.Throws<StateUnreadableException>(() => Open(released: true));
        File.Delete(Journal);
        Assert.Equal(EntryError.None, Set(store, Deny("192.0.2.1")).Error);
        Assert.Null(store.Trouble);
    }

    [Fact]
    public void DiskThatFails_IsToldOnce_AndGetsAllWhenItWorks()
    {
        EntryStore store = Open();
        Directory.CreateDirectory(Journal);
        Set(store, Deny("192.0.2.1"));
        Tick();
        Set(store, Deny("192.0.2.2"));
        Tick();
        Assert.StartsWith("not stored: ", Assert.Single(Events));
        Assert.NotNull(store.Trouble);
        Directory.Delete(Journal);
        Tick();

        Assert.Null(store.Trouble);
        Assert.Equal(["deny 192.0.2.1", "deny 192.0.2.2"], Listed(Open()));
    }

    private static byte[] Line(StoredEntry entry)
    {
        System.Buffers.ArrayBufferWriter<byte> output = new();
        EntryLine.WriteSet(output, entry);
        return output.WrittenSpan.ToArray();
    }
}
