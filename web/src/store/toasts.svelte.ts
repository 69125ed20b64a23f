/* Short messages at the foot of the page; they leave by themselves. */

export interface Toast {
  id: number
  text: string
  kind: 'note' | 'fault'
}

class Toasts {
  list = $state<Toast[]>([])
  private next = 1

  say(text: string, kind: Toast['kind'] = 'note'): void {
    const id = this.next++
    this.list = [...this.list.slice(-2), { id, text, kind }]
    setTimeout(() => this.drop(id), kind === 'fault' ? 9000 : 4000)
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id)
  }
}

export const toasts = new Toasts()
