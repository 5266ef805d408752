using Xunit;

namespace Ublk.Engine.Tests;

public sealed class IoMailboxTests
{
    [Fact]
    public void Steps_come_out_in_the_order_they_were_pushed() => OnWorker.Run(_ =>
    {
        var mailbox = new IoMailbox();
        var order = new List<int>();
        for (int i = 0; i < 5; i++)
        {
            int number = i;
            mailbox.Push(new Step(() => order.Add(number)));
        }

        Assert.False(mailbox.IsEmpty);
        mailbox.MoveToReady();
        Assert.True(mailbox.IsEmpty);
        Assert.Empty(order);
        IoLoop.RunReady();

        Assert.Equal([0, 1, 2, 3, 4], order);
        mailbox.MoveToReady();
        Assert.True(IoLoop.IsIdle);
    });

    [Fact]
    public void Nothing_is_lost_or_doubled_under_many_threads() => OnWorker.Run(_ =>
    {
        const int Threads = 4, Each = 100_000;
        var mailbox = new IoMailbox();
        int[] next = new int[Threads];
        int misplaced = 0, total = 0;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                int number = i;
                mailbox.Push(new Step(() =>
                {
                    total++;
                    if (next[thread]++ != number)
                        misplaced++;
                }));
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();

        while (total < Threads * Each && (threads.Any(thread => thread.IsAlive) || !mailbox.IsEmpty))
        {
            mailbox.MoveToReady();
            IoLoop.RunReady();
        }

        Assert.Equal(Threads * Each, total);
        Assert.Equal(0, misplaced);
    });
}
